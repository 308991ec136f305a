package dev.fairway.dataplane.http1;

/**
 * How the end of a body is found (RFC 9112 6.3), as one number so that none is allocated per
 * message: a length, or one of these.
 */
public final class Framing {
    /** Chunked. */
    public static final long CHUNKED = -1;

    /** The connection's end is the body's; responses only. */
    public static final long UNTIL_CLOSE = -2;

    /** Ambiguous: refused. */
    static final long FAULTY = -3;

    private static final int MAX_DIGITS = 19;

    private Framing() {}

    /**
     * What the fields say (attack ledger B1 to B3).
     *
     * @param absent what holds when they say nothing
     */
    static long of(Head head, long absent) {
        int coding = head.find(FieldName.TRANSFER_ENCODING);
        int length = head.find(FieldName.CONTENT_LENGTH);
        if (coding >= 0) {
            boolean alone = length < 0 && head.find(FieldName.TRANSFER_ENCODING, coding + 1) < 0;
            return alone && head.valueIs(coding, "chunked") ? CHUNKED : FAULTY;
        }
        if (length < 0) {
            return absent;
        }
        return head.find(FieldName.CONTENT_LENGTH, length + 1) < 0
                ? length(head.bytes(), head.valueStart(length), head.valueEnd(length))
                : FAULTY;
    }

    private static long length(byte[] bytes, int from, int to) {
        if (from == to || to - from > MAX_DIGITS) {
            return FAULTY;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            if (!Ascii.isDigit(bytes[i])) {
                return FAULTY;
            }
            value = value * 10 + (bytes[i] - '0');
            if (value < 0) {
                return FAULTY;
            }
        }
        return value;
    }
}
