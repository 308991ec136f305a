package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.TrailerRule;
import dev.fairway.dataplane.http1.Trailers;
import org.jspecify.annotations.Nullable;

/**
 * A request's body as the client sends it: whether the route takes so much, and the pieces, which a
 * delivery sends on. Owned by its exchange's loop.
 */
final class Upload {
    private final int replayBytes;
    private @Nullable RequestBody body;

    /** Of the request before, released: good for another. */
    private @Nullable RequestBody spare;

    private long limit;

    /** Data that is announced by a chunk's size and not here yet. */
    private long announced;

    private boolean ended;

    Upload(int replayBytes) {
        this.replayBytes = replayBytes;
        begin();
    }

    /** Another request's; what was there was released. */
    void begin() {
        spare = body == null ? spare : body;
        body = null;
        limit = Long.MAX_VALUE;
        announced = 0;
        ended = false;
    }

    /** What the route takes. */
    void limit(long bytes) {
        limit = bytes;
    }

    /** Whether the route sets no limit, so that it may go on for as long as it likes. */
    boolean endless() {
        return limit == Long.MAX_VALUE;
    }

    void announced(long ahead) {
        announced = ahead;
    }

    /** Whether what has come is more than the route takes. */
    boolean tooLarge() {
        return bytes() > limit;
    }

    /** Whether what is known to come is, by a chunk's size or by {@code length}. */
    boolean willBeTooLarge(long length) {
        return length > limit || bytes() + announced > limit;
    }

    private long bytes() {
        RequestBody pieces = body;
        return pieces == null ? 0 : pieces.bytes();
    }

    /** The pieces; null: none yet. */
    @Nullable RequestBody begun() {
        return body;
    }

    /** The pieces, into which more go. */
    RequestBody body() {
        RequestBody pieces = body;
        if (pieces == null) {
            pieces = spare == null ? new RequestBody(replayBytes) : spare;
            spare = null;
            pieces.begin();
            body = pieces;
        }
        return pieces;
    }

    void end() {
        ended = true;
    }

    /** What stands behind it; what passes goes along. */
    void trailers(Trailers behind, TrailerRule rule) {
        behind.restrict(rule);
        if (!behind.isEmpty()) {
            body().trailers(behind.copy());
        }
    }

    boolean ended() {
        return ended;
    }

    /** Bytes that wait, or are kept to be sent again. */
    long heldBytes() {
        RequestBody kept = body;
        return kept == null ? 0 : kept.heldBytes();
    }

    void release() {
        RequestBody kept = body;
        if (kept != null) {
            kept.release();
        }
    }
}
