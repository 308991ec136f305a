package dev.fairway.dataplane.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * What stands around data in a chunked body of ours. A chunk is closed with its data, not with the
 * next one: a reader may wait for the line end. Stateless.
 */
public final class ChunkWriter {
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final ByteBuf LINE_END = constant("\r\n");
    private static final ByteBuf LAST = constant("0\r\n\r\n");

    private ChunkWriter() {}

    /** The line before {@code size} bytes of data; not for 0. */
    public static ByteBuf start(ByteBufAllocator allocator, int size) {
        ByteBuf out = allocator.directBuffer(10);
        int shift = 28;
        while (shift > 0 && size >>> shift == 0) {
            shift -= 4;
        }
        for (; shift >= 0; shift -= 4) {
            out.writeByte(DIGITS[size >>> shift & 15]);
        }
        return out.writeShort('\r' << 8 | '\n');
    }

    /** Behind the data. */
    public static ByteBuf end() {
        return LINE_END.duplicate();
    }

    /** Ends the body. */
    public static ByteBuf last() {
        return LAST.duplicate();
    }

    private static ByteBuf constant(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuf direct = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        return Unpooled.unreleasableBuffer(direct.asReadOnly());
    }
}
