package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.dataplane.balance.Endpoint;

/**
 * How an attempt came to nothing: what the route's retry rule calls it, what it says about the
 * endpoint, and what the client is told if it was the last one.
 */
enum UpstreamFault {
    UNREACHABLE(Retry.On.ERROR, Endpoint.Result.CONNECT_FAILED, Told.UNREACHABLE),
    CONNECT_TIMEOUT(Retry.On.TIMEOUT, Endpoint.Result.CONNECT_FAILED, Told.LATE),
    /** It was to speak HTTP/2, and does not. */
    NOT_HTTP2(Retry.On.ERROR, Endpoint.Result.CONNECT_FAILED, Told.NOT_HTTP2),
    /** Bytes came before any request. */
    UNASKED(Retry.On.INVALID_HEADER, Endpoint.Result.BROKEN, Told.MALFORMED),
    /** Reset, or closed early. */
    BROKEN(Retry.On.ERROR, Endpoint.Result.BROKEN, Told.UNREACHABLE),
    /** A stream that the backend ended for a reason of its own; the connection is well. */
    RESET(Retry.On.ERROR, Endpoint.Result.BROKEN, Told.UNREACHABLE),
    MALFORMED(Retry.On.INVALID_HEADER, Endpoint.Result.BROKEN, Told.MALFORMED),
    TIMED_OUT(Retry.On.TIMEOUT, Endpoint.Result.TIMED_OUT, Told.LATE),
    /** A stream the backend did not take up (RFC 9113 8.7): nothing was processed. */
    REFUSED(Retry.On.ERROR, Endpoint.Result.ABANDONED, Told.UNREACHABLE),
    /** A stream beyond what a leaving connection takes up (RFC 9113 6.8): nothing was processed. */
    GOING_AWAY(Retry.On.ERROR, Endpoint.Result.ABANDONED, Told.UNREACHABLE);

    /** The answer. */
    private enum Told {
        UNREACHABLE(502, "The backend could not be reached.", "upstream-unreachable"),
        LATE(504, "The backend did not answer in time.", "upstream-timeout"),
        MALFORMED(502, "The backend's answer is malformed.", "bad-response"),
        NOT_HTTP2(502, "The backend does not speak HTTP/2.", "upstream-not-http2");

        private final int status;
        private final String text;
        private final String reason;

        Told(int status, String text, String reason) {
            this.status = status;
            this.text = text;
            this.reason = reason;
        }
    }

    private final Retry.On on;
    private final Endpoint.Result result;
    private final Told told;

    UpstreamFault(Retry.On on, Endpoint.Result result, Told told) {
        this.on = on;
        this.result = result;
        this.told = told;
    }

    Retry.On on() {
        return on;
    }

    Endpoint.Result result() {
        return result;
    }

    /** Whether the backend said that it did not begin to act, whatever it was sent. */
    boolean untouched() {
        return this == REFUSED || this == GOING_AWAY;
    }

    int status() {
        return told.status;
    }

    String text() {
        return told.text;
    }

    String reason() {
        return told.reason;
    }
}
