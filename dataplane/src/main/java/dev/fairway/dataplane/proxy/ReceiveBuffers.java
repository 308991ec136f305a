package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one loop's channels receive into. Most of what is received is used up within its read cycle, so
 * one buffer serves all of them, and stays in the processor's cache. While somebody keeps a part of it,
 * the next one is taken; when all of the few are kept, by slow peers say, a channel gets a buffer of its
 * own, as large as it has learnt to need. Owned by its loop.
 */
final class ReceiveBuffers implements RecvByteBufAllocator {
    private static final int MOST = 4;

    /** The most of a channel's own: a peer that is slow keeps as much of it as it was sent at once. */
    private static final int OWN_BYTES = 64 << 10;

    /** Kept for the loop's life: not what the leak detector looks for. */
    private static final UnpooledByteBufAllocator ALLOCATOR =
            new UnpooledByteBufAllocator(true, true);

    private final RecvByteBufAllocator learning;
    private final int bytes;
    private final @Nullable ByteBuf[] shared;

    /**
     * @param bytes of a shared buffer, and the most of a channel's own
     * @param shares false: every channel has its own, each watched by the leak detector
     */
    ReceiveBuffers(int initial, int bytes, boolean shares) {
        this.learning = new AdaptiveRecvByteBufAllocator(1024, initial, Math.min(bytes, OWN_BYTES));
        this.bytes = bytes;
        this.shared = new ByteBuf[shares ? MOST : 0];
    }

    /** One that nobody keeps a part of, counted for the caller; null: there is none. */
    @Nullable ByteBuf free() {
        for (int i = 0; i < shared.length; i++) {
            ByteBuf buffer = shared[i];
            if (buffer == null) {
                buffer = ALLOCATOR.directBuffer(bytes, bytes);
                shared[i] = buffer;
            }
            if (buffer.refCnt() == 1) {
                return buffer.clear().retain();
            }
        }
        return null;
    }

    /** The loop ends. */
    void release() {
        for (int i = 0; i < shared.length; i++) {
            ByteBuf buffer = shared[i];
            shared[i] = null;
            if (buffer != null) {
                buffer.release();
            }
        }
    }

    @Override
    public Handle newHandle() {
        return new ChannelHandle((ExtendedHandle) learning.newHandle());
    }

    /** One channel's. */
    private final class ChannelHandle implements ExtendedHandle {
        private final ExtendedHandle own;

        ChannelHandle(ExtendedHandle own) {
            this.own = own;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf buffer = free();
            return buffer == null ? own.allocate(allocator) : buffer;
        }

        @Override
        public int guess() {
            return own.guess();
        }

        @Override
        @SuppressWarnings("deprecation") // it is how a handle hears of a new read loop
        public void reset(io.netty.channel.ChannelConfig config) {
            own.reset(config);
        }

        @Override
        public void incMessagesRead(int count) {
            own.incMessagesRead(count);
        }

        @Override
        public void lastBytesRead(int count) {
            own.lastBytesRead(count);
        }

        @Override
        public int lastBytesRead() {
            return own.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int count) {
            own.attemptedBytesRead(count);
        }

        @Override
        public int attemptedBytesRead() {
            return own.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return own.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier more) {
            return own.continueReading(more);
        }

        @Override
        public void readComplete() {
            own.readComplete();
        }
    }
}
