package dev.fairway.dataplane.proxy;

/** Every bound of the engine that can make it refuse or end something. Each firing is counted. */
public enum Limit {
    /** A head took too long. */
    HEAD_TIME,
    HANDSHAKE_TIME,
    /** Too many handshakes were under way: the oldest was ended. */
    HANDSHAKES,
    /** A PROXY header was malformed or too long. */
    PROXY_HEADER,
    /** A PROXY header took too long. */
    PROXY_HEADER_TIME,
    /** A peer that may not speak for others connected where a PROXY header is asked for. */
    PROXY_HEADER_UNTRUSTED,
    /** A request head too large in any way: line, bytes or number of fields. */
    HEAD_SIZE,
    /** A field with an underscore in its name was dropped. */
    UNDERSCORE_NAME,
    CONNECTIONS,
    CONNECTIONS_PER_ADDRESS,
    KEEP_ALIVE_IDLE,
    REQUESTS_PER_CONNECTION,
    /** HTTP/2: more streams at once than offered. */
    HTTP2_STREAMS,
    /** HTTP/2: too many streams reset, by the client or by its faults. */
    HTTP2_RESETS,
    /** HTTP/2: a header block in too many pieces, or beyond any size. */
    HTTP2_CONTINUATION,
    /** HTTP/2: too many frames that ask for nothing. */
    HTTP2_FLOOD,
    /** HTTP/2: too many of our own control frames wait for the client. */
    HTTP2_CONTROL_QUEUE,
    /** HTTP/2: no window for a response for too long. */
    HTTP2_WINDOW_STALL,
    /** HTTP/2: nothing happened on a stream for too long. */
    HTTP2_STREAM_IDLE,
    /** HTTP/2: a connection error of the client's. */
    HTTP2_ERROR,
    CONNECTION_LIFETIME,
    BODY_SIZE,
    BODY_IDLE,
    BODY_RATE,
    /** More was left of a body than is worth reading: the connection was closed. */
    BODY_DRAIN,
    /** The client took nothing for too long. */
    WRITE_STALL,
    CONNECT_TIME,
    UPSTREAM_READ_IDLE,
    UPSTREAM_SEND_IDLE,
    /** An idle pooled connection had bytes or an end waiting. */
    UPSTREAM_STALE,
    UPSTREAM_POOL_SIZE,
    /** A backend sent more HTTP/2 frames that carry nothing than its messages account for. */
    UPSTREAM_CONTROL_FRAMES,
    /** A backend reset more streams than it should: its connection takes no more. */
    UPSTREAM_RESETS,
    RETRY_BUDGET,
    /** A gRPC call's own deadline passed before its backend ended it. */
    CALL_DEADLINE,
    /** A request had passed through here too often: 508. */
    PASSES,
    /** No connection came about in time, and another endpoint was dialled besides. */
    CONNECT_HEDGE,
    /** All endpoints of a backend had as many requests as they may. */
    CIRCUIT_BREAKER,
    TUNNEL_IDLE,
    /** Memory was short: an unused connection went early. */
    PRESSURE_IDLE,
    /** Memory was short: an answer was its connection's last. */
    PRESSURE_KEEP_ALIVE,
    /** Memory was short: a request was answered 503. */
    PRESSURE_REFUSED,
    /** Memory was short: no more connections were accepted for a time. */
    PRESSURE_ACCEPT,
    /** Memory was short: a connection that held much of it was cut. */
    PRESSURE_CUT,
    /** A connection was cut when the grace of a drain ended. */
    DRAIN_GRACE
}
