package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.Trailers;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request between client and backend: pieces that wait for a backend, and, while all of
 * it is small, pieces that were sent but may be needed again. Owned by its exchange's loop.
 */
final class RequestBody {
    /** A piece this small is copied, so that it does not pin a whole receive buffer. */
    private static final int COPIED = 1024;

    private final int replayBytes;
    private final List<ByteBuf> pieces = new ArrayList<>(2);
    private int sent;
    private long bytes;
    private long waiting;
    private @Nullable Trailers trailers;
    private boolean replayable = true;

    RequestBody(int replayBytes) {
        this.replayBytes = replayBytes;
    }

    /** Another request's; what was there was released. */
    void begin() {
        bytes = 0;
        waiting = 0;
        sent = 0;
        trailers = null;
        replayable = true;
    }

    /**
     * Takes the piece over.
     *
     * @return false: with this one it is too much to be kept
     */
    boolean add(ByteBuf piece) {
        bytes += piece.readableBytes();
        waiting += piece.readableBytes();
        boolean outgrown = bytes > replayBytes && replayable;
        if (outgrown) {
            replayable = false;
            forgetSent();
        }
        pieces.add(small(piece));
        return !outgrown;
    }

    static ByteBuf small(ByteBuf piece) {
        if (piece.readableBytes() > COPIED) {
            return piece;
        }
        ByteBuf copy = piece.alloc().directBuffer(Math.max(1, piece.readableBytes()));
        copy.writeBytes(piece);
        piece.release();
        return copy;
    }

    /** Nobody will ask for it again: what is sent is forgotten. */
    void sentOnce() {
        replayable = false;
    }

    /** What came behind the last piece. */
    void trailers(Trailers behind) {
        trailers = behind;
    }

    @Nullable Trailers trailers() {
        return trailers;
    }

    long bytes() {
        return bytes;
    }

    /** Bytes no backend has been sent yet. */
    long waiting() {
        return waiting;
    }

    /** Bytes that are in memory. */
    long heldBytes() {
        return replayable ? bytes : waiting;
    }

    /** Whether it can be sent from its beginning. */
    boolean replayable() {
        return replayable;
    }

    void rewind() {
        sent = 0;
        waiting = bytes;
    }

    void sendTo(UpstreamStream upstream) {
        for (; sent < pieces.size(); sent++) {
            ByteBuf piece = pieces.get(sent);
            waiting -= piece.readableBytes();
            upstream.requestData(replayable ? piece.retainedDuplicate() : piece.retain());
        }
        if (!replayable) {
            forgetSent();
        }
    }

    private void forgetSent() {
        for (int i = 0; i < sent; i++) {
            pieces.get(i).release();
        }
        pieces.subList(0, sent).clear();
        sent = 0;
    }

    void release() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        sent = 0;
        waiting = 0;
        replayable = false;
    }
}
