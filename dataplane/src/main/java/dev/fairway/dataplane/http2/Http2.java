package dev.fairway.dataplane.http2;

import java.nio.charset.StandardCharsets;

/** The numbers of RFC 9113 that both ends share. */
public final class Http2 {
    /** What a client sends first (RFC 9113 3.4). */
    public static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    public static final int FRAME_HEAD = 9;

    /** The largest frame a peer must take that announced nothing else; what we announce. */
    public static final int FRAME_BYTES = 16 * 1024;

    public static final int INITIAL_WINDOW = 65_535;
    public static final int MAX_WINDOW = Integer.MAX_VALUE;
    public static final int MAX_STREAM = Integer.MAX_VALUE;

    /** Of each direction's header table: the default, and all we offer or use. */
    public static final int TABLE_BYTES = 4096;

    public static final int SETTINGS_HEADER_TABLE_SIZE = 1;
    public static final int SETTINGS_ENABLE_PUSH = 2;
    public static final int SETTINGS_MAX_CONCURRENT_STREAMS = 3;
    public static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
    public static final int SETTINGS_MAX_FRAME_SIZE = 5;
    public static final int SETTINGS_MAX_HEADER_LIST_SIZE = 6;
    public static final int SETTINGS_ENABLE_CONNECT_PROTOCOL = 8;

    private Http2() {}

    /** Whether a window of this size may grow so; it never passes 2^31-1 (RFC 9113 6.9.1). */
    public static boolean mayGrow(int window, int increment) {
        return (long) window + increment <= MAX_WINDOW;
    }
}
