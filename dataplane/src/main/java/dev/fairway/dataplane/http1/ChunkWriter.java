package dev.fairway.dataplane.http1;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * What stands around data in a chunked body of ours. A chunk is closed with its data, not with the
 * next one: a reader may wait for the line end. Stateless.
 */
public final class ChunkWriter {
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** At most. */
    public static final int START_BYTES = 10;

    public static final int END_BYTES = 2;
    public static final int LAST_BYTES = 5;

    private static final int LINE_END = '\r' << 8 | '\n';

    private ChunkWriter() {}

    /** The line before {@code size} bytes of data; not for 0. */
    public static void start(ByteBuf out, int size) {
        int shift = 28;
        while (shift > 0 && size >>> shift == 0) {
            shift -= 4;
        }
        for (; shift >= 0; shift -= 4) {
            out.writeByte(DIGITS[size >>> shift & 15]);
        }
        out.writeShort(LINE_END);
    }

    /** Behind the data. */
    public static void end(ByteBuf out) {
        out.writeShort(LINE_END);
    }

    /** Ends the body. */
    public static void last(ByteBuf out) {
        out.writeByte('0').writeShort(LINE_END).writeShort(LINE_END);
    }

    /** Ends the body, with trailers behind it. */
    public static void last(HeadWriter out, Trailers trailers) {
        out.begin().ascii("0").crlf();
        trailers.writeTo(out);
        out.crlf();
    }
}
