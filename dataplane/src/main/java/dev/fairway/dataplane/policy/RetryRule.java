package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy.Retry;

/**
 * When an attempt may be followed by another (kubernetes.md 5.3, ingress-nginx's
 * proxy-next-upstream).
 */
public interface RetryRule {

    /**
     * @param failure what went wrong
     * @param status the backend's status for HTTP_*; else 0
     * @param attempts how many have been made
     * @param elapsedNanos since the first began
     * @param requestBytesSent whether any byte of the request was written to the endpoint
     * @param responseStarted whether any byte of a response was received
     * @param method the request's method
     * @param replayable whether the request can be sent again in full (its body was kept or absent)
     */
    boolean again(
            Retry.On failure,
            int status,
            int attempts,
            long elapsedNanos,
            boolean requestBytesSent,
            boolean responseStarted,
            String method,
            boolean replayable);

    /**
     * Whether a request with this method may be tried again once a backend could have begun to act on
     * it; if not, its body need not be kept.
     */
    default boolean repeats(String method) {
        return false;
    }
}
