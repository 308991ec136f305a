package dev.fairway.dataplane.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the data of one body after another out of receive buffers, as slices, and knows where each
 * ends. Reused by its connection; owned by its event loop.
 */
public final class BodyReader {
    private final ChunkSyntax chunks = new ChunkSyntax();
    private long framing;
    private long left;
    private @Nullable Trailers trailers;

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
        while (in.isReadable() && !ended()) {
            if (framing == Framing.CHUNKED) {
                if (chunks.atTrailers()
                        && (trailers != null || in.getByte(in.readerIndex()) != '\r')) {
                    Fault fault = readTrailers(in);
                    if (fault != null) {
                        return fault;
                    }
                    continue;
                }
                if (!chunks.inData()) {
                    Fault fault = chunks.next(in.readByte());
                    if (fault != null) {
                        return fault;
                    }
                    continue;
                }
                int size = (int) Math.min(in.readableBytes(), chunks.dataLeft());
                chunks.took(size);
                sink.data(in.readRetainedSlice(size));
            } else if (framing == Framing.UNTIL_CLOSE) {
                sink.data(in.readRetainedSlice(in.readableBytes()));
            } else {
                int size = (int) Math.min(in.readableBytes(), left);
                left -= size;
                sink.data(in.readRetainedSlice(size));
            }
        }
        return null;
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
