package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.dataplane.balance.Backend;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * nginx's proxy_next_upstream, but that an attempt which broke after response bytes had come is not
 * repeated: the backend has acted. One of which nothing was sent may be repeated whatever the method.
 * The retry budget is the exchange's, which knows what is in flight.
 */
final class NextUpstream implements RetryRule {
    static final Retry DEFAULT =
            new Retry(List.of(Retry.On.ERROR, Retry.On.TIMEOUT), 3, Duration.ZERO, false);

    private static final Set<String> NOT_IDEMPOTENT = Set.of("POST", "LOCK", "PATCH");

    private final Retry policy;
    private final EnumSet<Retry.On> on = EnumSet.noneOf(Retry.On.class);
    private final Backend backend;
    private final long timeoutNanos;

    NextUpstream(Retry policy, Backend backend) {
        this.policy = policy;
        this.on.addAll(policy.on());
        this.backend = backend;
        this.timeoutNanos = policy.timeout().toNanos();
    }

    @Override
    public boolean again(
            Retry.On failure,
            int status,
            int attempts,
            long elapsedNanos,
            boolean requestBytesSent,
            boolean responseStarted,
            String method,
            boolean replayable) {
        return on.contains(failure)
                && attempts < tries()
                && (timeoutNanos == 0 || elapsedNanos < timeoutNanos)
                && (replayable || !requestBytesSent)
                && (!requestBytesSent || repeats(method))
                && (!responseStarted || complete(failure));
    }

    @Override
    public boolean repeats(String method) {
        return policy.nonIdempotent() || !NOT_IDEMPOTENT.contains(method);
    }

    private int tries() {
        return policy.tries() == 0 ? Math.max(1, backend.usable()) : policy.tries();
    }

    /** Whether this failure is a response read as such, not one that broke off. */
    private static boolean complete(Retry.On failure) {
        return switch (failure) {
            case ERROR, TIMEOUT -> false;
            case INVALID_HEADER,
                    HTTP_500,
                    HTTP_502,
                    HTTP_503,
                    HTTP_504,
                    HTTP_403,
                    HTTP_404,
                    HTTP_429 ->
                    true;
        };
    }
}
