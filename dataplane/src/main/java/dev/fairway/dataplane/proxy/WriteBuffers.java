package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;

/**
 * The buffers one loop puts heads and small pieces together in. The kernel mostly takes them at once, so
 * that one or two serve all connections and stay in the processor's cache. What it does not take is left
 * to the channel that has it. Owned by its loop.
 */
final class WriteBuffers {
    /** A head with a browser's fields and ours is half of it. */
    static final int BYTES = 4096;

    /** What TLS makes of it: it gathers up to a record in the first buffer it is given. */
    private static final int MOST = 32 << 10;

    private static final int KEPT = 16;

    /** Kept for the loop's life: not what the leak detector looks for. */
    private static final UnpooledByteBufAllocator ALLOCATOR =
            new UnpooledByteBufAllocator(true, true);

    private final ArrayDeque<ByteBuf> spare = new ArrayDeque<>();
    private final ArrayList<ByteBuf> lent = new ArrayList<>();

    /** An empty one; the caller passes it to {@link #send}. */
    ByteBuf take() {
        ByteBuf buffer = spare.pollLast();
        return buffer == null ? ALLOCATOR.directBuffer(BYTES, MOST) : buffer;
    }

    /** What the channel is given, one count for it. */
    ByteBuf send(ByteBuf buffer) {
        lent.add(buffer);
        return buffer.retain();
    }

    /** Takes back what has been sent. */
    void collect() {
        for (int i = lent.size() - 1; i >= 0; i--) {
            ByteBuf buffer = lent.remove(i);
            if (buffer.refCnt() == 1 && spare.size() < KEPT) {
                spare.addLast(buffer.clear());
            } else {
                buffer.release();
            }
        }
    }

    /** The loop ends. */
    void release() {
        collect();
        spare.forEach(ByteBuf::release);
        spare.clear();
    }
}
