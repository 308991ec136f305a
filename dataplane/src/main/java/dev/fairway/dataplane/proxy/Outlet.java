package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * The outgoing side of one channel. Writes are gathered and flushed once per read cycle of whatever
 * channel caused them: the loop keeps the list of those that wait. Owned by the channel's loop.
 */
final class Outlet {
    private final Channel channel;
    private final Loop loop;
    private boolean waiting;
    private long written;

    Outlet(Channel channel, Loop loop) {
        this.channel = channel;
        this.loop = loop;
    }

    void write(ByteBuf bytes) {
        written += bytes.readableBytes();
        channel.write(bytes, channel.voidPromise());
        if (!waiting) {
            waiting = true;
            loop.flushLater(this);
        }
    }

    void flush() {
        waiting = false;
        channel.flush();
    }

    /**
     * Whether more unsent output waits than should. Asked after a write: what the kernel takes at once
     * does not count, since pausing a reader costs system calls.
     */
    boolean congested() {
        if (channel.isWritable()) {
            return false;
        }
        channel.flush();
        return !channel.isWritable();
    }

    /** Bytes written so far, sent or not. */
    long written() {
        return written;
    }
}
