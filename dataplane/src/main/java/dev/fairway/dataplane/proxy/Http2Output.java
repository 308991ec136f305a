package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.FrameWriter;
import dev.fairway.dataplane.http2.HeaderBlock;
import dev.fairway.dataplane.http2.HpackEncoder;
import dev.fairway.dataplane.http2.Http2;
import dev.fairway.dataplane.http2.PeerSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.ArrayDeque;

/**
 * Writes the frames of one HTTP/2 client connection. Data goes at once where windows and the channel
 * allow it; else it waits with its stream, and streams that wait take turns, a frame each. Owned by the
 * connection's loop.
 */
final class Http2Output {
    /** The rest of a buffer's usual size stays for what comes behind. */
    private static final int GATHERED_BLOCK = WriteBuffers.BYTES - Http2.FRAME_HEAD;

    private final Loop loop;
    private final Channel channel;
    private final Outlet out;
    private final Http2Guard guard;
    private final HpackEncoder encoder = new HpackEncoder();
    private final PeerSettings peer;
    private final int controlQueued;

    /** Streams with data and a window of their own, in order of their turns. */
    private final ArrayDeque<Http2Stream> turns = new ArrayDeque<>(2);

    private int window = Http2.INITIAL_WINDOW;
    private long waiting;
    private int controls;
    private boolean pumping;

    Http2Output(
            Loop loop, Channel channel, Http2Guard guard, PeerSettings peer, int controlQueued) {
        this.loop = loop;
        this.channel = channel;
        this.out = Outlet.shared(channel, loop);
        this.guard = guard;
        this.peer = peer;
        this.controlQueued = controlQueued;
    }

    Outlet outlet() {
        return out;
    }

    void tableBytes(int most) {
        encoder.tableBytes(most);
    }

    // Control frames.

    /** Whether the client takes so little that control frames pile up. */
    boolean flooded() {
        return controls > controlQueued;
    }

    private ByteBuf control(int size) {
        if (!channel.isWritable()) {
            controls++;
        }
        out.written(size);
        return out.gather(size);
    }

    void settings(int... idsAndValues) {
        int size = Http2.FRAME_HEAD + idsAndValues.length * 3;
        FrameWriter.settings(control(size), idsAndValues);
    }

    void settingsAck() {
        FrameWriter.settingsAck(control(Http2.FRAME_HEAD));
    }

    void ping(long payload, boolean acknowledges) {
        FrameWriter.ping(control(Http2.FRAME_HEAD + 8), payload, acknowledges);
    }

    void goAway(int lastStream, ErrorCode code) {
        FrameWriter.goAway(control(Http2.FRAME_HEAD + 8), lastStream, code);
    }

    void reset(int stream, ErrorCode code) {
        FrameWriter.reset(control(Http2.FRAME_HEAD + 4), stream, code);
    }

    void windowUpdate(int stream, int increment) {
        FrameWriter.windowUpdate(control(Http2.FRAME_HEAD + 4), stream, increment);
    }

    // Heads.

    /**
     * Sends the response head that was just written.
     *
     * @return where it ends in the writer
     */
    int head(Http2Stream stream, HeadWriter head, int status, boolean ends) {
        HeaderBlock block = loop.headerBlock();
        int end =
                status == 101
                        ? encoder.response(200, head.bytes(), 0, block)
                        : encoder.response(head.bytes(), 0, block);
        headers(stream, block, ends);
        return end;
    }

    void trailers(Http2Stream stream, HeadWriter lines) {
        HeaderBlock block = loop.headerBlock();
        encoder.trailers(lines.bytes(), 0, block);
        headers(stream, block, true);
    }

    private void headers(Http2Stream stream, HeaderBlock block, boolean ends) {
        int size = block.length() + Http2.FRAME_HEAD;
        if (block.length() <= GATHERED_BLOCK) {
            FrameWriter.headers(out.gather(size), stream.id(), block, ends, peer.frameBytes());
            out.written(size);
        } else {
            ByteBuf own = channel.alloc().directBuffer(size + 64);
            FrameWriter.headers(own, stream.id(), block, ends, peer.frameBytes());
            out.write(own);
        }
        stream.sent(size);
        guard.useful();
    }

    // Data.

    /** How much may be sent of a stream now, in one frame. */
    int room(Http2Stream stream) {
        int room = Math.min(window, stream.window());
        return room <= 0 || !writable() ? 0 : Math.min(room, Http2.FRAME_BYTES);
    }

    private boolean writable() {
        return channel.isWritable() || !out.congested();
    }

    /** Whether a stream that has data is to wait for others first. */
    boolean othersWait() {
        return pumping || !turns.isEmpty();
    }

    /** One frame, within {@link #room}. Takes the piece over. */
    void data(Http2Stream stream, ByteBuf piece, boolean ends) {
        int size = piece.readableBytes();
        window -= size;
        FrameWriter.data(out.gather(Http2.FRAME_HEAD), stream.id(), size, ends);
        out.written(Http2.FRAME_HEAD);
        out.write(piece);
        stream.sent(Http2.FRAME_HEAD + size);
        guard.data();
    }

    /** An empty frame that ends the stream: no window is needed. */
    void end(Http2Stream stream) {
        FrameWriter.data(out.gather(Http2.FRAME_HEAD), stream.id(), 0, true);
        out.written(Http2.FRAME_HEAD);
        stream.sent(Http2.FRAME_HEAD);
    }

    /** Bytes of all streams that wait here. */
    long waiting() {
        return waiting;
    }

    void waiting(int change) {
        waiting += change;
    }

    /** The stream has data, and a window: it gets its turn. */
    void wantsTurn(Http2Stream stream) {
        turns.addLast(stream);
    }

    void gone(Http2Stream stream) {
        turns.remove(stream);
    }

    /**
     * @return false: beyond any window
     */
    boolean grow(int increment) {
        if (!Http2.mayGrow(window, increment)) {
            return false;
        }
        window += increment;
        pump();
        return true;
    }

    /** The channel takes output again. */
    void drained() {
        controls = 0;
        pump();
    }

    /** Sends what may go. */
    void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (!turns.isEmpty() && window > 0 && writable()) {
                Http2Stream next = turns.removeFirst();
                if (next.turn()) {
                    turns.addLast(next);
                }
            }
        } finally {
            pumping = false;
        }
    }

    /** Bytes in the channel and with the streams. */
    long pending() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return waiting + (buffer == null ? 0 : buffer.totalPendingWriteBytes());
    }
}
