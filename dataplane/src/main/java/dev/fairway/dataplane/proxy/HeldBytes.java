package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a client sent before it was its turn: pipelined requests, or bytes behind an upgrade. In order;
 * the owner stops reading when {@link #full}. Owned by its connection's loop.
 */
final class HeldBytes {
    private final int limit;
    private @Nullable ArrayDeque<ByteBuf> queue;
    private int bytes;

    HeldBytes(int limit) {
        this.limit = limit;
    }

    boolean isEmpty() {
        return queue == null;
    }

    int bytes() {
        return bytes;
    }

    boolean full() {
        return bytes >= limit;
    }

    /** Takes the bytes over, behind those that are held. */
    void addLast(ByteBuf in) {
        ByteBuf kept = RequestBody.small(in);
        bytes += kept.readableBytes();
        queue().addLast(kept);
    }

    /** Takes the bytes over, before those that are held. */
    void addFirst(ByteBuf in) {
        ByteBuf kept = RequestBody.small(in);
        bytes += kept.readableBytes();
        queue().addFirst(kept);
    }

    /** The oldest bytes; null when there are none. */
    @Nullable ByteBuf poll() {
        ArrayDeque<ByteBuf> held = queue;
        ByteBuf next = held == null ? null : held.pollFirst();
        if (next == null) {
            queue = null;
        } else {
            bytes -= next.readableBytes();
        }
        return next;
    }

    void release() {
        for (ByteBuf next = poll(); next != null; next = poll()) {
            next.release();
        }
    }

    private ArrayDeque<ByteBuf> queue() {
        ArrayDeque<ByteBuf> held = queue;
        if (held == null) {
            held = new ArrayDeque<>(2);
            queue = held;
        }
        return held;
    }
}
