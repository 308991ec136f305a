package dev.fairway.dataplane.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the data of one body after another out of receive buffers, as slices, and knows where each
 * ends. Reused by its connection; owned by its event loop.
 */
public final class BodyReader {

    /**
     * Data of chunks up to this size is moved up to the chunk before it: each piece costs a slice and a
     * write of its own, which a body of chunks of one byte would be an attack with.
     */
    private static final int MOVED = 128;

    /** So much of small chunks is looked at together. */
    private static final int TOGETHER = 1024;

    /** Of a small chunk's size. */
    private static final int DIGITS = 4;

    private final ChunkSyntax chunks = new ChunkSyntax();
    private long framing;
    private long left;
    private @Nullable Trailers trailers;

    /** Null until small chunks come together. */
    private byte @Nullable [] together;

    /** Takes a body's data. */
    @FunctionalInterface
    public interface Sink {
        /** The piece is the receiver's to release. */
        void data(ByteBuf piece);
    }

    /**
     * @param framing a length or a constant of {@link Framing}
     */
    public void begin(long bodyFraming) {
        framing = bodyFraming;
        left = Math.max(0, bodyFraming);
        chunks.begin();
        trailers = null;
    }

    public boolean ended() {
        return framing == Framing.CHUNKED ? chunks.ended() : framing >= 0 && left == 0;
    }

    /** What came behind a chunked body that has ended; given once, null when there was nothing. */
    public @Nullable Trailers takeTrailers() {
        Trailers taken = trailers;
        trailers = null;
        return taken;
    }

    /** Data that is still to come, where that is known; else {@code Long.MAX_VALUE}. */
    public long left() {
        return framing >= 0 ? left : ended() ? 0 : Long.MAX_VALUE;
    }

    /** Data of the current chunk that is announced and still to come. */
    public long chunkLeft() {
        return framing == Framing.CHUNKED && chunks.inData() ? chunks.dataLeft() : 0;
    }

    /**
     * Takes from {@code in} what belongs to the body; the rest stays. {@code sink} may call nothing
     * of this object but {@link #ended} and {@link #left}.
     */
    public @Nullable Fault read(ByteBuf in, Sink sink) {
        if (framing == Framing.CHUNKED) {
            return readChunks(in, sink);
        }
        int size = in.readableBytes();
        if (framing >= 0) {
            size = (int) Math.min(size, left);
            left -= size;
        }
        if (size > 0) {
            sink.data(in.readRetainedSlice(size));
        }
        return null;
    }

    private @Nullable Fault readChunks(ByteBuf in, Sink sink) {
        // Data gathered in front of the reader's place, not handed on yet.
        int from = in.readerIndex();
        int to = from;
        boolean small = false;
        Fault fault = null;
        while (in.isReadable() && !ended() && fault == null) {
            if (chunks.inData()) {
                int at = in.readerIndex();
                int size = (int) Math.min(in.readableBytes(), chunks.dataLeft());
                chunks.took(size);
                in.skipBytes(size);
                small = size <= MOVED;
                if (to > from && size > MOVED) {
                    sink.data(in.retainedSlice(from, to - from));
                    to = from;
                }
                if (to == from) {
                    from = at;
                    to = at + size;
                } else {
                    for (int i = at; i < at + size; i++) {
                        in.setByte(to++, in.getByte(i));
                    }
                }
                continue;
            }
            if (small && chunks.atSize() && in.readableBytes() > MOVED) {
                small = false;
                to = moveSmall(in, to);
                continue;
            }
            if (chunks.atTrailers() && to > from) {
                sink.data(in.retainedSlice(from, to - from));
                to = from;
            }
            boolean trailer =
                    chunks.atTrailers()
                            && (trailers != null || in.getByte(in.readerIndex()) != '\r');
            fault = trailer ? readTrailers(in) : chunks.next(in.readByte());
        }
        if (to > from) {
            sink.data(in.retainedSlice(from, to - from));
        }
        return fault;
    }

    /**
     * Moves the data of small chunks that are here whole, with lines that are nothing but a size, up to
     * {@code to}: in an array, where a byte costs a tenth. What is anything else stays in {@code in}.
     *
     * @return behind the data
     */
    private int moveSmall(ByteBuf in, int to) {
        byte[] bytes = together == null ? new byte[TOGETHER] : together;
        together = bytes;
        int size = Math.min(in.readableBytes(), TOGETHER);
        in.getBytes(in.readerIndex(), bytes, 0, size);
        int read = 0;
        int kept = 0;
        while (true) {
            int line = read;
            int length = 0;
            int most = Math.min(size, read + DIGITS);
            while (line < most && Ascii.hex(bytes[line]) >= 0) {
                length = length << 4 | Ascii.hex(bytes[line++]);
            }
            int data = line + 2;
            int end = data + length;
            boolean whole = length > 0 && length <= MOVED && end + 2 <= size;
            if (!whole || !lineEnds(bytes, line) || !lineEnds(bytes, end)) {
                break;
            }
            for (int i = data; i < end; i++) {
                bytes[kept++] = bytes[i];
            }
            read = end + 2;
        }
        in.setBytes(to, bytes, 0, kept);
        in.skipBytes(read);
        return to + kept;
    }

    private static boolean lineEnds(byte[] bytes, int at) {
        return bytes[at] == '\r' && bytes[at + 1] == '\n';
    }

    private @Nullable Fault readTrailers(ByteBuf in) {
        Trailers current = trailers;
        if (current == null) {
            current = new Trailers();
            trailers = current;
        }
        Fault fault = HeadScanner.read(current, in, Trailers.LIMITS);
        if (current.complete()) {
            chunks.trailersRead();
        }
        return Trailers.asChunks(fault);
    }
}
