package dev.fairway.dataplane.http1;

/**
 * Why a message is refused. The status and sentence are what a client is told; the reason is for log
 * and metric. A faulty response is a 502 whatever it says here.
 */
public enum Fault {
    BAD_REQUEST_LINE(400, "bad-request-line", "The request line is malformed."),
    /** Neither target nor version: not HTTP/1 at all. */
    NOT_HTTP(400, "not-http", "The request line is malformed."),
    BAD_VERSION(505, "bad-version", "Only HTTP/1.0 and HTTP/1.1 are spoken here."),
    BAD_STATUS_LINE(400, "bad-status-line", "The status line is malformed."),
    BAD_LINE_END(400, "bad-line-end", "A line does not end in CR LF."),
    BAD_FIELD(400, "bad-header", "A header field is malformed."),
    BAD_FRAMING(400, "bad-framing", "The length of the message is ambiguous."),
    BAD_HOST(400, "bad-host", "The Host header is missing or malformed."),
    BAD_PATH(400, "bad-path", "The request target is malformed."),
    BAD_CHUNK(400, "bad-chunk", "The chunked body is malformed."),
    DUPLICATE_FIELD(400, "duplicate-header", "A header field appears more than once."),
    UNKNOWN_CODING(501, "unknown-coding", "The transfer coding is not supported."),
    METHOD_TOO_LONG(501, "unknown-method", "The method is not supported."),
    METHOD_REFUSED(405, "method-refused", "The method is not allowed."),
    BAD_EXPECTATION(417, "bad-expectation", "The expectation can't be met."),
    LINE_TOO_LONG(414, "line-too-long", "The request target is too long."),
    FIELD_TOO_LONG(431, "header-too-long", "A header field is too long."),
    HEAD_TOO_LARGE(431, "head-too-large", "The header fields are too large."),
    TOO_MANY_FIELDS(431, "too-many-headers", "There are too many header fields."),
    /** What can't be a message in HTTP/2 (RFC 9113 8.1.1): reset, not answered. */
    MALFORMED(400, "malformed-message", "The message is malformed."),
    UNKNOWN_PROTOCOL(501, "unknown-protocol", "The protocol is not supported."),
    CHUNK_OVERHEAD(400, "chunk-overhead", "The chunked body carries too much besides data.");

    private final int status;
    private final String reason;
    private final String text;

    Fault(int status, String reason, String text) {
        this.status = status;
        this.reason = reason;
        this.text = text;
    }

    public int status() {
        return status;
    }

    public String reason() {
        return reason;
    }

    public String text() {
        return text;
    }

    /** Whether a head is too large in any way. */
    public boolean size() {
        return status == 431 || status == 414;
    }
}
