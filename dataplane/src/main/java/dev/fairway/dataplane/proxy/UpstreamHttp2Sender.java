package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.Http2;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The request's half of a stream to an HTTP/2 backend. What the stream's window, the connection's and the
 * largest frame allow goes at once; the rest waits here in order, and what ends the request behind it. The
 * other half extends it, so that a request costs one object. Owned by its connection's loop.
 */
abstract class UpstreamHttp2Sender extends Deadline implements UpstreamStream {
    private final UpstreamHttp2Streams streams;
    final UpstreamFrames frames;
    private int id;
    private int window;
    private @Nullable ArrayDeque<ByteBuf> queue;
    private @Nullable Trailers trailers;
    private boolean ending;
    private boolean ended;
    private boolean toldCongested;
    private boolean over;

    /** Whether it waits for the connection's window; the connection's streams list it then. */
    boolean awaitsConnection;

    UpstreamHttp2Sender(UpstreamHttp2Streams streams, UpstreamFrames frames) {
        this.streams = streams;
        this.frames = frames;
    }

    /** Something of the request went. */
    abstract void touch();

    /** From now on it is the backend that is waited for. */
    abstract void awaitRoom();

    /** The backend takes more, after {@link #congested} said that it does not. */
    abstract void takesMore();

    /** 0: not begun. */
    final int id() {
        return id;
    }

    /** Neither sends nor receives any more. */
    final boolean over() {
        return over;
    }

    /** All of the request is sent, its end included. */
    final boolean requestEnded() {
        return ended;
    }

    /** Whether nothing of the request comes any more. */
    final boolean ending() {
        return ending;
    }

    /** Whether all that came is sent. */
    final boolean allSent() {
        ArrayDeque<ByteBuf> waiting = queue;
        return waiting == null || waiting.isEmpty();
    }

    /** Whether who sends was told that the backend takes no more, and not yet that it does again. */
    final boolean toldCongested() {
        return toldCongested;
    }

    /** It begins, under this id. */
    final void open(int its) {
        id = its;
        window = streams.window();
    }

    final void sendHead(HeadWriter head, boolean whole) {
        ended = whole;
        frames.request(id, head, whole);
        touch();
    }

    @Override
    public final void requestData(ByteBuf piece) {
        if (over || ending || !piece.isReadable()) {
            piece.release();
            return;
        }
        ArrayDeque<ByteBuf> waiting = queue;
        if (waiting == null || waiting.isEmpty()) {
            ByteBuf rest = send(piece);
            if (rest == null) {
                touch();
                return;
            }
            if (waiting == null) {
                waiting = new ArrayDeque<>(4);
                queue = waiting;
            }
            waiting.addLast(rest);
            blocked();
        } else {
            waiting.addLast(piece);
        }
    }

    /** Sends what windows allow; null: all of it. */
    private @Nullable ByteBuf send(ByteBuf piece) {
        while (true) {
            int room = Math.min(Math.min(window, frames.window()), frames.peer().frameBytes());
            int size = piece.readableBytes();
            if (room <= 0) {
                return piece;
            }
            if (size <= room) {
                window -= size;
                frames.data(id, piece);
                return null;
            }
            window -= room;
            frames.data(id, piece.readRetainedSlice(room));
        }
    }

    private void blocked() {
        if (window > 0) {
            streams.awaitsWindow(this);
        }
        awaitRoom();
    }

    /** A window has grown. */
    final void unblocked() {
        ArrayDeque<ByteBuf> waiting = queue;
        if (over || waiting == null || waiting.isEmpty()) {
            return;
        }
        int before = window;
        for (ByteBuf piece = waiting.pollFirst(); piece != null; piece = waiting.pollFirst()) {
            ByteBuf rest = send(piece);
            if (rest != null) {
                waiting.addFirst(rest);
                if (window < before) {
                    blocked();
                } else if (window > 0) {
                    streams.awaitsWindow(this);
                }
                return;
            }
        }
        touch();
        if (ending) {
            sendEnd();
        } else {
            writable();
        }
    }

    /** The channel takes more. */
    final void writable() {
        if (toldCongested && allSent()) {
            toldCongested = false;
            takesMore();
        }
    }

    /**
     * @return false: beyond what a window can be
     */
    final boolean grow(int increment) {
        boolean may = increment < 0 || Http2.mayGrow(window, increment);
        window += may ? increment : 0;
        return may;
    }

    @Override
    public final boolean congested() {
        boolean full = !allSent() || frames.congested();
        if (full && !toldCongested) {
            toldCongested = true;
            awaitRoom();
        }
        return full;
    }

    /** Ends the request once all is sent. */
    final void endRequest(@Nullable Trailers behind) {
        if (over || ending || ended) {
            return;
        }
        trailers = behind;
        ending = true;
        if (allSent()) {
            sendEnd();
        }
    }

    private void sendEnd() {
        ended = true;
        Trailers behind = trailers;
        if (behind == null) {
            frames.end(id);
        } else {
            frames.trailers(id, behind);
        }
        touch();
    }

    /** Nothing more goes. */
    final void stopSending() {
        over = true;
        ArrayDeque<ByteBuf> waiting = queue;
        if (waiting != null) {
            waiting.forEach(ByteBuf::release);
            queue = null;
        }
    }
}
