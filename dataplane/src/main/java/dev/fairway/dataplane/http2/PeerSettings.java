package dev.fairway.dataplane.http2;

import org.jspecify.annotations.Nullable;

/**
 * What the other side announced (RFC 9113 6.5.2); until then, the defaults. Its header list size is
 * advice that a server is free to ignore, and is: a response that has no room there would only fail
 * (attack ledger C6). Owned by its connection's loop.
 */
public final class PeerSettings {
    private int tableBytes = Http2.TABLE_BYTES;
    private int streams = Integer.MAX_VALUE;
    private int window = Http2.INITIAL_WINDOW;
    private int frameBytes = Http2.FRAME_BYTES;
    private boolean connectProtocol;

    /**
     * Takes one setting; unknown ones are ignored.
     *
     * @param value 32 bits, unsigned
     * @return the connection error it is
     */
    public @Nullable ErrorCode apply(int id, int value) {
        switch (id) {
            case Http2.SETTINGS_HEADER_TABLE_SIZE ->
                    tableBytes = value < 0 ? Integer.MAX_VALUE : value;
            case Http2.SETTINGS_ENABLE_PUSH -> {
                return value == 0 || value == 1 ? null : ErrorCode.PROTOCOL_ERROR;
            }
            case Http2.SETTINGS_MAX_CONCURRENT_STREAMS ->
                    streams = value < 0 ? Integer.MAX_VALUE : value;
            case Http2.SETTINGS_INITIAL_WINDOW_SIZE -> {
                if (value < 0) {
                    return ErrorCode.FLOW_CONTROL_ERROR;
                }
                window = value;
            }
            case Http2.SETTINGS_MAX_FRAME_SIZE -> {
                if (value < Http2.FRAME_BYTES || value > 0xffffff) {
                    return ErrorCode.PROTOCOL_ERROR;
                }
                frameBytes = value;
            }
            case Http2.SETTINGS_ENABLE_CONNECT_PROTOCOL -> {
                if (value != 0 && value != 1) {
                    return ErrorCode.PROTOCOL_ERROR;
                }
                connectProtocol = value == 1;
            }
            default -> {}
        }
        return null;
    }

    /** How large our encoder's table may be at most. */
    public int tableBytes() {
        return tableBytes;
    }

    /** How many streams we may have open there. */
    public int streams() {
        return streams;
    }

    /** The first window of each stream towards it. */
    public int window() {
        return window;
    }

    /** The largest frame it takes. */
    public int frameBytes() {
        return frameBytes;
    }

    /** Whether it takes extended CONNECT (RFC 8441). */
    public boolean connectProtocol() {
        return connectProtocol;
    }
}
