package dev.fairway.dataplane.proxy;

import java.util.Locale;

/**
 * Every bound of the engine that can make it refuse, end or pause something. Each firing is counted;
 * what each is by default, and what sets it, is a row of the README's table.
 */
public enum Limit {
    /** A head took too long. */
    HEAD_TIME,
    /** A TLS handshake with a client took too long, its ClientHello included. */
    HANDSHAKE_TIME,
    /** A ClientHello was larger than any real one. */
    CLIENT_HELLO_SIZE,
    /** Too many handshakes were under way: the oldest of the address with most was ended. */
    HANDSHAKES,
    /** Too many of one address waited to be computed: the oldest was ended. */
    HANDSHAKES_WAITING,
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
    /** As many connections as there may be: newcomers wait in the kernel's queue. */
    CONNECTIONS,
    /** At that cap, an unused one of an address with more than its share was closed. */
    CONNECTIONS_UNUSED,
    CONNECTIONS_PER_ADDRESS,
    /** A connection without a request under way was closed. */
    KEEP_ALIVE_IDLE,
    REQUESTS_PER_CONNECTION,
    CONNECTION_LIFETIME,
    /** A turn of the loop took long, and this address had its share of it: what came waits for the next. */
    TURN_SHARE,
    /** A closing connection whose client did not take the end. */
    LINGER,
    /** HTTP/2: more streams at once than offered. */
    HTTP2_STREAMS,
    /** HTTP/2: too many streams reset, by the client or by its faults. */
    HTTP2_RESETS,
    /** HTTP/2: a header block in too many pieces, or beyond any size. */
    HTTP2_CONTINUATION,
    /** HTTP/2: our SETTINGS were not acknowledged in time. */
    HTTP2_SETTINGS_TIME,
    /** HTTP/2: too many PING, SETTINGS, unknown frames, or frames on streams that are gone. */
    HTTP2_CONTROL_FRAMES,
    HTTP2_PRIORITIES,
    HTTP2_WINDOW_UPDATES,
    /** HTTP/2: DATA frames in a row that carry nothing. */
    HTTP2_EMPTY_FRAMES,
    /** HTTP/2: more of a body than its window, or the connection's, allows. */
    HTTP2_WINDOW,
    /** HTTP/2: too many of our own control frames wait for the client. */
    HTTP2_CONTROL_QUEUE,
    /** HTTP/2: no window for a response for too long. */
    HTTP2_WINDOW_STALL,
    /** HTTP/2: nothing happened on a stream for too long. */
    HTTP2_STREAM_IDLE,
    /** HTTP/2: a connection error of the client's. */
    HTTP2_ERROR,
    BODY_SIZE,
    /** Nothing came of a body for too long. */
    BODY_IDLE,
    /** A body came too slowly. */
    BODY_RATE,
    /** A body that lasts so long came too slowly for that. */
    BODY_TIME,
    /** Chunk sizes, extensions or trailers beyond what data needs. */
    CHUNK_OVERHEAD,
    /** More was left of a body than is worth reading: the connection was closed. */
    BODY_DRAIN,
    /** The client took nothing for too long. */
    WRITE_STALL,
    /** More waits for a client, or came before its turn, than is held: nothing more is read for now. */
    BUFFER,
    /** No TCP connection to an endpoint in time. */
    CONNECT_TIME,
    UPSTREAM_HANDSHAKE_TIME,
    /** A response head too large in any way, or too many of them before the last. */
    UPSTREAM_HEAD_SIZE,
    UPSTREAM_READ_IDLE,
    UPSTREAM_SEND_IDLE,
    /** More was left of a response that nobody wants than is worth reading. */
    UPSTREAM_DRAIN,
    /** A connection to a backend was unused for so long. */
    UPSTREAM_IDLE,
    /** An idle pooled connection had bytes or an end waiting. */
    UPSTREAM_STALE,
    UPSTREAM_POOL_SIZE,
    /** A backend sent more HTTP/2 frames that carry nothing than its messages account for. */
    UPSTREAM_CONTROL_FRAMES,
    /** A backend reset more streams than it should: its connection takes no more. */
    UPSTREAM_RESETS,
    RETRY_BUDGET,
    /** A request body was too large to be kept: it can be sent only once. */
    REPLAY_SIZE,
    /** A gRPC call's own deadline passed before its backend ended it. */
    CALL_DEADLINE,
    /** A request had passed through here too often: 508. */
    PASSES,
    /** No connection came about in time, and another endpoint was dialled besides. */
    CONNECT_HEDGE,
    /** All endpoints of a backend had as many requests as they may. */
    CIRCUIT_BREAKER,
    /** All places of uploads at an endpoint were taken: the slowest of the address with most was ended. */
    UPLOAD_PLACES,
    /** All places of an endpoint were taken: the longest stalled response was ended. */
    STALLED_PLACES,
    /** Nothing passed a tunnel either way for so long. */
    TUNNEL_IDLE,
    /** Memory was short: an unused connection went early. */
    PRESSURE_IDLE,
    /** Memory was short: a response that its client did not take was ended. */
    PRESSURE_STALL,
    /** Memory was short: an answer was its connection's last. */
    PRESSURE_KEEP_ALIVE,
    /** Memory was short: a request was answered 503. */
    PRESSURE_REFUSED,
    /** Memory was short: no more connections were accepted for a time. */
    PRESSURE_ACCEPT,
    /** Memory was short: a connection that held much of it was cut. */
    PRESSURE_CUT,
    /** A connection was cut when the grace of a drain ended. */
    DRAIN_GRACE;

    /** What it is called in metrics: {@code head-time}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
