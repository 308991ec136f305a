package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.ChunkWriter;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.Trailers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing side of one channel. Writes are gathered and flushed once per read cycle of whatever
 * channel caused them: the loop keeps the list of those that wait. Heads, chunk lines and small pieces
 * are put together in one buffer: one system call and one TLS record, and no other buffer. Owned by the
 * channel's loop.
 */
final class Outlet {
    /** To copy a piece this small costs less than to pass it on by itself. */
    private static final int COPIED = 12 << 10;

    private final Channel channel;
    private final Loop loop;
    private final boolean shared;
    private @Nullable ByteBuf gathered;
    private boolean waiting;
    private long written;

    private Outlet(Channel channel, Loop loop, boolean shared) {
        this.channel = channel;
        this.loop = loop;
        this.shared = shared;
    }

    /** Of a channel with one request at a time. */
    static Outlet single(Channel channel, Loop loop) {
        return new Outlet(channel, loop, false);
    }

    /** Of a channel that many streams share. */
    static Outlet shared(Channel channel, Loop loop) {
        return new Outlet(channel, loop, true);
    }

    void write(HeadWriter head) {
        int size = head.length();
        if (size <= WriteBuffers.BYTES) {
            head.copyTo(gather(size));
            written(size);
        } else {
            write(head.end(channel.alloc()));
        }
    }

    /** Takes the piece over. */
    void write(ByteBuf piece) {
        int size = piece.readableBytes();
        if (size <= COPIED) {
            gather(size).writeBytes(piece);
            piece.release();
        } else {
            pass();
            channel.write(piece, channel.voidPromise());
        }
        written(size);
    }

    /** Takes the piece over, which is not empty; one chunk of it. */
    void writeChunk(ByteBuf piece) {
        ByteBuf into = gather(ChunkWriter.START_BYTES);
        int before = into.writerIndex();
        ChunkWriter.start(into, piece.readableBytes());
        written(into.writerIndex() - before);
        write(piece);
        ChunkWriter.end(gather(ChunkWriter.END_BYTES));
        written(ChunkWriter.END_BYTES);
    }

    /**
     * Ends a chunked body.
     *
     * @param trailers null: none
     */
    void writeLastChunk(@Nullable Trailers trailers) {
        if (trailers != null) {
            HeadWriter out = loop.writer();
            ChunkWriter.last(out, trailers);
            write(out);
            return;
        }
        ChunkWriter.last(gather(ChunkWriter.LAST_BYTES));
        written(ChunkWriter.LAST_BYTES);
    }

    /** So many bytes were put behind what {@link #gather} gave. */
    void written(int size) {
        written += size;
        if (!waiting) {
            waiting = true;
            if (shared) {
                loop.flushTogether(this);
            } else {
                loop.flushLater(this);
            }
        }
    }

    /** Room for {@code size} bytes, {@link WriteBuffers#BYTES} at most, behind what was written. */
    ByteBuf gather(int size) {
        ByteBuf into = gathered;
        if (into == null || into.maxWritableBytes() < size) {
            pass();
            into = loop.buffers().take();
            gathered = into;
        }
        return into;
    }

    /** Gives the channel what was gathered. */
    private void pass() {
        ByteBuf buffer = gathered;
        if (buffer == null) {
            return;
        }
        gathered = null;
        ByteBuf lent = loop.buffers().send(buffer);
        ChannelOutboundBuffer before = channel.unsafe().outboundBuffer();
        if (before != null && !before.isEmpty()) {
            // It may stay for long: a client that is slow must not hold more than its bytes.
            ByteBuf exact = channel.alloc().directBuffer(lent.readableBytes()).writeBytes(lent);
            lent.release();
            lent = exact;
        }
        channel.write(lent, channel.voidPromise());
    }

    void flush() {
        waiting = false;
        pass();
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
        pass();
        channel.flush();
        return !channel.isWritable();
    }

    /** Bytes written so far, sent or not. */
    long written() {
        return written;
    }
}
