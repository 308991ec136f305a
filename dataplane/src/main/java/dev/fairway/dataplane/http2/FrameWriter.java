package dev.fairway.dataplane.http2;

import io.netty.buffer.ByteBuf;

/** Writes frames behind what a buffer holds. Stateless. */
public final class FrameWriter {
    private FrameWriter() {}

    private static void head(ByteBuf out, int length, int type, int flags, int stream) {
        out.writeLong((long) length << 40 | (long) type << 32 | (long) flags << 24 | stream >>> 8);
        out.writeByte(stream);
    }

    /** The head of a DATA frame; its content is written behind it. */
    public static void data(ByteBuf out, int stream, int length, boolean endStream) {
        head(out, length, FrameType.DATA, endStream ? FrameType.END_STREAM : 0, stream);
    }

    /**
     * HEADERS, and CONTINUATION where the block is large.
     *
     * @param frameBytes the largest frame the peer takes
     */
    public static void headers(
            ByteBuf out, int stream, HeaderBlock block, boolean endStream, int frameBytes) {
        int at = 0;
        int type = FrameType.HEADERS;
        int flags = endStream ? FrameType.END_STREAM : 0;
        while (true) {
            int size = Math.min(block.length() - at, frameBytes);
            boolean last = at + size == block.length();
            head(out, size, type, last ? flags | FrameType.END_HEADERS : flags, stream);
            out.writeBytes(block.bytes(), at, size);
            if (last) {
                return;
            }
            at += size;
            type = FrameType.CONTINUATION;
            flags = 0;
        }
    }

    public static void reset(ByteBuf out, int stream, ErrorCode code) {
        head(out, 4, FrameType.RST_STREAM, 0, stream);
        out.writeInt(code.code());
    }

    /**
     * @param idsAndValues in turn
     */
    public static void settings(ByteBuf out, int... idsAndValues) {
        head(out, idsAndValues.length * 3, FrameType.SETTINGS, 0, 0);
        for (int i = 0; i < idsAndValues.length; i += 2) {
            out.writeShort(idsAndValues[i]);
            out.writeInt(idsAndValues[i + 1]);
        }
    }

    public static void settingsAck(ByteBuf out) {
        head(out, 0, FrameType.SETTINGS, FrameType.ACK, 0);
    }

    public static void ping(ByteBuf out, long payload, boolean acknowledges) {
        head(out, 8, FrameType.PING, acknowledges ? FrameType.ACK : 0, 0);
        out.writeLong(payload);
    }

    public static void goAway(ByteBuf out, int lastStream, ErrorCode code) {
        head(out, 8, FrameType.GOAWAY, 0, 0);
        out.writeInt(lastStream);
        out.writeInt(code.code());
    }

    /**
     * @param stream 0: the connection's
     */
    public static void windowUpdate(ByteBuf out, int stream, int increment) {
        head(out, 4, FrameType.WINDOW_UPDATE, 0, stream);
        out.writeInt(increment);
    }
}
