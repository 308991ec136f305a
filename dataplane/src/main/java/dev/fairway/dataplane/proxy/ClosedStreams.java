package dev.fairway.dataplane.proxy;

/**
 * How the last streams of an HTTP/2 connection ended: what still comes on them is a race, or an error, by
 * that (RFC 9113 5.1). Owned by its connection's loop.
 */
final class ClosedStreams {
    private static final int KEPT = 128;

    enum End {
        /** Both sides ended it. */
        COMPLETE,
        /** We reset it: what the client sent before it knew is ignored. */
        RESET_BY_US,
        RESET_BY_CLIENT,
        /** Too long ago, or never used. */
        UNKNOWN
    }

    private static final End[] ENDS = End.values();

    private final int[] ids = new int[KEPT];
    private final byte[] ends = new byte[KEPT];
    private int next;

    void add(int stream, End end) {
        ids[next] = stream;
        ends[next] = (byte) end.ordinal();
        next = (next + 1) % KEPT;
    }

    End of(int stream) {
        for (int i = 0; i < KEPT; i++) {
            if (ids[i] == stream) {
                return ENDS[ends[i]];
            }
        }
        return End.UNKNOWN;
    }
}
