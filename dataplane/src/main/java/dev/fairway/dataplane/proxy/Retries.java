package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.balance.Selection;
import dev.fairway.dataplane.balance.Tried;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RetryRule;
import org.jspecify.annotations.Nullable;

/**
 * Whether and where one request is tried again: the endpoints it failed on, and its claim on the loop's
 * retry budget, since retries must not multiply the load of a backend in trouble. Owned by the
 * exchange's loop.
 */
final class Retries {
    /** A backend that lets every connection go again is one in trouble. */
    private static final int MOST_LEAVING = 2;

    private final Engine engine;
    private final Loop loop;
    private final ExchangeRecord record;
    private RetryRule rule;
    private Request request;
    private final Tried tried = new Tried();
    private boolean claimed;
    private int leaving;

    Retries(Engine engine, Loop loop, ExchangeRecord record, RetryRule rule, Request request) {
        this.engine = engine;
        this.loop = loop;
        this.record = record;
        this.rule = rule;
        this.request = request;
    }

    /** Another request; the last one's claim was given back. */
    void begin(RetryRule itsRule, Request another) {
        rule = itsRule;
        request = another;
    }

    /**
     * @return null: none is left
     */
    @Nullable Endpoint first(Selection selection) {
        tried.clear();
        return selection.pick(tried);
    }

    /**
     * The endpoint to try after {@code failed}.
     *
     * @param status the backend's, where that is what failed; else 0
     * @param sent whether anything of the request was written
     * @param acted whether the backend may have begun to act on it
     * @param responseBegun whether a byte of a response had come
     * @return null: no further attempt
     */
    @Nullable Endpoint next(
            Endpoint failed,
            Selection selection,
            Retry.On on,
            int status,
            boolean sent,
            boolean acted,
            boolean responseBegun,
            boolean replayable) {
        tried.add(failed);
        boolean wanted =
                rule.again(
                        on,
                        status,
                        record.attempts(),
                        loop.now() - record.firstAttemptNanos(),
                        acted,
                        responseBegun,
                        request.method(),
                        replayable);
        if (!wanted || (sent && !replayable) || !affordable(sent)) {
            return null;
        }
        return selection.pick(tried);
    }

    /**
     * Whether the request may be sent once more to the same endpoint, whose fault it was not: a pooled
     * connection died as the request came, or was leaving.
     *
     * @param begun whether a byte of a response had come
     * @param reused whether the connection had served before
     */
    boolean sameEndpoint(UpstreamFault fault, boolean begun, boolean reused, boolean replayable) {
        boolean wanted =
                switch (fault) {
                    case GOING_AWAY -> ++leaving <= MOST_LEAVING;
                    case BROKEN -> reused && !begun && idempotent();
                    case UNREACHABLE,
                            CONNECT_TIMEOUT,
                            NOT_HTTP2,
                            UNASKED,
                            MALFORMED,
                            TIMED_OUT,
                            REFUSED ->
                            false;
                };
        return wanted && replayable && affordable(true);
    }

    /** Whether the one endpoint there is may be asked again: it did not begin to act. */
    boolean refusedOnce(UpstreamFault fault, boolean replayable) {
        return fault == UpstreamFault.REFUSED
                && ++leaving <= MOST_LEAVING
                && replayable
                && affordable(true);
    }

    /** RFC 9110 9.2.2. */
    private boolean idempotent() {
        return switch (request.method()) {
            case "GET", "HEAD", "OPTIONS", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /** What was never sent costs the budget nothing. */
    private boolean affordable(boolean sent) {
        if (!sent || claimed) {
            return true;
        }
        ProxyLimits.Upstream limits = engine.limits().upstream();
        int allowed = limits.retryFloor() + loop.exchanges * limits.retryShare() / 100;
        if (loop.retrying >= allowed) {
            engine.fire(Limit.RETRY_BUDGET);
            return false;
        }
        claimed = true;
        loop.retrying++;
        return true;
    }

    /** Gives the claim back. */
    void release() {
        if (claimed) {
            claimed = false;
            loop.retrying--;
        }
    }

    /** What a status is called where retries are configured. */
    static Retry.@Nullable On on(int status) {
        return switch (status) {
            case 500 -> Retry.On.HTTP_500;
            case 502 -> Retry.On.HTTP_502;
            case 503 -> Retry.On.HTTP_503;
            case 504 -> Retry.On.HTTP_504;
            case 403 -> Retry.On.HTTP_403;
            case 404 -> Retry.On.HTTP_404;
            case 429 -> Retry.On.HTTP_429;
            default -> null;
        };
    }
}
