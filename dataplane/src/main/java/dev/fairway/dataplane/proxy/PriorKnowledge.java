package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http2.Http2;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the first bytes of a connection without TLS which protocol it speaks: no method of HTTP/1
 * begins as HTTP/2's preface does. Owned by its connection's loop.
 */
final class PriorKnowledge {
    /** {@code PRI }, one byte more than a method may share with it. */
    private static final int TELLING = 4;

    enum Verdict {
        /** Too few bytes; they are kept. */
        UNDECIDED,
        HTTP1,
        HTTP2
    }

    private @Nullable ByteBuf kept;

    /** All that has come. Takes the bytes over. */
    ByteBuf with(ByteBuf in) {
        ByteBuf before = kept;
        if (before == null) {
            return in;
        }
        kept = null;
        ByteBuf all = in.alloc().directBuffer(before.readableBytes() + in.readableBytes());
        all.writeBytes(before).writeBytes(in);
        before.release();
        in.release();
        return all;
    }

    /** Keeps the bytes when they tell nothing yet. */
    Verdict look(ByteBuf in) {
        int size = Math.min(TELLING, in.readableBytes());
        for (int i = 0; i < size; i++) {
            if (in.getByte(in.readerIndex() + i) != Http2.PREFACE[i]) {
                return Verdict.HTTP1;
            }
        }
        if (size == TELLING) {
            return Verdict.HTTP2;
        }
        kept = in;
        return Verdict.UNDECIDED;
    }

    /** The connection is gone. */
    void release() {
        ByteBuf before = kept;
        kept = null;
        if (before != null) {
            before.release();
        }
    }
}
