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
    private boolean full;
    private boolean uploading;

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
        leaving = 0;
        full = false;
        uploading = false;
    }

    /**
     * @return null: none is left
     */
    @Nullable Endpoint first(Selection selection) {
        tried.clear();
        return pick(selection);
    }

    /** Whether the request's body is still on its way. */
    void uploading(boolean now) {
        uploading = now;
    }

    /** Whether nobody was picked last because all have as many requests as they may. */
    boolean full() {
        return full;
    }

    /**
     * The circuit breaker: who has as many requests as it may, with nobody who gives way, is passed over,
     * and nothing waits in a queue. Loops look at the same count without a lock: each may be one beyond.
     */
    private @Nullable Endpoint pick(Selection selection) {
        full = false;
        Endpoint endpoint = selection.pick(tried);
        while (endpoint != null && taken(endpoint)) {
            full = true;
            boolean again = tried.contains(endpoint);
            tried.add(endpoint);
            endpoint = again ? null : selection.pick(tried);
        }
        if (full && endpoint == null) {
            engine.fire(Limit.CIRCUIT_BREAKER);
        }
        return endpoint;
    }

    private boolean taken(Endpoint endpoint) {
        ProxyLimits.Upstream limits = engine.limits().upstream();
        int places = uploading ? endpoint.uploads() : endpoint.load(limits.stalledPerEndpoint());
        return places >= limits.requestsPerEndpoint()
                && !loop.waits()
                        .placeFor(
                                Connections.Source.of(request.clientAddress()),
                                endpoint,
                                uploading);
    }

    /** Nothing came of this one: no further attempt goes there while another is left. */
    void exclude(Endpoint failed) {
        tried.add(failed);
    }

    /**
     * An endpoint to dial besides {@code slow}, to which nothing was sent yet.
     *
     * @return null: there is none, or no attempt more is wanted
     */
    @Nullable Endpoint beside(Endpoint slow, Selection selection, boolean replayable) {
        tried.add(slow);
        if (!wanted(Retry.On.TIMEOUT, 0, false, false, replayable)) {
            return null;
        }
        Endpoint next = pick(selection);
        return next == null || tried.contains(next) ? null : next;
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
        if (!wanted(on, status, acted, responseBegun, replayable)
                || (sent && !replayable)
                || !affordable(sent)) {
            return null;
        }
        return pick(selection);
    }

    private boolean wanted(
            Retry.On on, int status, boolean acted, boolean responseBegun, boolean replayable) {
        return rule.again(
                on,
                status,
                record.attempts(),
                loop.now() - record.firstAttemptNanos(),
                acted,
                responseBegun,
                request.method(),
                replayable);
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
                    case BROKEN -> reused && !begun && idempotent() && ++leaving <= MOST_LEAVING;
                    case UNREACHABLE,
                            CONNECT_TIMEOUT,
                            NOT_HTTP2,
                            UNASKED,
                            RESET,
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

    /** Whether what was sent by HTTP/1 may ever be sent again. */
    boolean repeatable() {
        return idempotent() || rule.repeats(request.method());
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
        if (loop.retrying >= engine.limits().upstream().retriesOf(loop.exchanges)) {
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
