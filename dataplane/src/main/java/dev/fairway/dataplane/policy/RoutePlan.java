package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.PolicyContext;
import org.jspecify.annotations.Nullable;

/**
 * One route, compiled: what the exchange asks, in the order it asks. A route without policies
 * answers every question with a constant.
 */
public interface RoutePlan {

    /** The contract's route, for log, metrics and error pages. */
    Route route();

    /**
     * Redirects to https, CORS preflight, limits, address lists and authentication, in that order.
     * Runs once, on the loop, before anything is sent upstream.
     */
    Decision admit(PolicyContext context);

    /** The longest request body in bytes; {@code Long.MAX_VALUE} without a limit. */
    long bodyLimit();

    Timeouts timeouts();

    /** When an attempt may be followed by another. */
    RetryRule retry();

    /**
     * Rewrite, then canary, affinity or hash: where the request goes. Runs once after {@link
     * #admit} proceeded.
     */
    Dispatch dispatch(PolicyContext context);

    /**
     * Where it goes instead, with the headers of an error page set on the context, because the
     * backend has no endpoint (status 503).
     *
     * @return null: the 503 is ours to answer
     */
    @Nullable Dispatch withoutEndpoint(PolicyContext context);

    /**
     * Where the error page for this backend status comes from, with X-Code and friends set on the
     * context; the page is asked for by GET without a body, and its status reaches the client.
     *
     * @return null: the backend's response passes
     */
    @Nullable Dispatch interceptStatus(int status, PolicyContext context);

    /** Response headers of the route (CORS, HSTS), set on the context just before a final head. */
    void respond(int status, PolicyContext context);

    /** The client-certificate policy whose connections may ask for this; null: none. */
    default @Nullable String clientPolicy() {
        return null;
    }

    /** Forward the path with its repeated slashes, as received. */
    boolean keepRepeatedSlashes();
}
