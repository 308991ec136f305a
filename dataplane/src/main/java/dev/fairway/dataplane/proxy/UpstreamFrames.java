package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.FrameWriter;
import dev.fairway.dataplane.http2.HeaderBlock;
import dev.fairway.dataplane.http2.HpackEncoder;
import dev.fairway.dataplane.http2.Http2;
import dev.fairway.dataplane.http2.PeerSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * The outgoing side of an HTTP/2 connection to a backend: frames, within what the backend's settings and
 * its connection window allow. Owned by the connection's loop.
 */
final class UpstreamFrames {
    /** Frames without content fit. */
    private static final int SMALL = 64;

    private final Loop loop;
    private final Channel channel;
    private final Outlet outlet;
    private final boolean https;
    private final HpackEncoder encoder = new HpackEncoder();
    private final PeerSettings peer = new PeerSettings();
    private int window = Http2.INITIAL_WINDOW;

    UpstreamFrames(Loop loop, Channel channel, boolean https) {
        this.loop = loop;
        this.channel = channel;
        this.outlet = Outlet.shared(channel, loop);
        this.https = https;
    }

    PeerSettings peer() {
        return peer;
    }

    /** How much all streams together may send. */
    int window() {
        return window;
    }

    /**
     * @return false: beyond what a window can be
     */
    boolean grow(int increment) {
        boolean may = Http2.mayGrow(window, increment);
        window += may ? increment : 0;
        return may;
    }

    boolean congested() {
        return outlet.congested();
    }

    void flush() {
        outlet.flush();
    }

    void begin(UpstreamHttp2Limits limits, int headBytes) {
        ByteBuf out = outlet.gather(Http2.PREFACE.length + SMALL);
        int before = out.writerIndex();
        out.writeBytes(Http2.PREFACE);
        FrameWriter.settings(
                out,
                Http2.SETTINGS_ENABLE_PUSH,
                0,
                Http2.SETTINGS_INITIAL_WINDOW_SIZE,
                limits.streamWindow(),
                Http2.SETTINGS_MAX_HEADER_LIST_SIZE,
                headBytes);
        FrameWriter.windowUpdate(out, 0, limits.connectionWindow() - Http2.INITIAL_WINDOW);
        outlet.written(out.writerIndex() - before);
    }

    void settingsAck() {
        encoder.tableBytes(peer.tableBytes());
        ByteBuf out = outlet.gather(SMALL);
        int before = out.writerIndex();
        FrameWriter.settingsAck(out);
        outlet.written(out.writerIndex() - before);
    }

    void ping(long payload, boolean acknowledges) {
        ByteBuf out = outlet.gather(SMALL);
        int before = out.writerIndex();
        FrameWriter.ping(out, payload, acknowledges);
        outlet.written(out.writerIndex() - before);
    }

    void goAway(ErrorCode code) {
        ByteBuf out = outlet.gather(SMALL);
        int before = out.writerIndex();
        FrameWriter.goAway(out, 0, code); // a backend opens no stream
        outlet.written(out.writerIndex() - before);
    }

    void reset(int stream, ErrorCode code) {
        ByteBuf out = outlet.gather(SMALL);
        int before = out.writerIndex();
        FrameWriter.reset(out, stream, code);
        outlet.written(out.writerIndex() - before);
    }

    void windowUpdate(int stream, int increment) {
        ByteBuf out = outlet.gather(SMALL);
        int before = out.writerIndex();
        FrameWriter.windowUpdate(out, stream, increment);
        outlet.written(out.writerIndex() - before);
    }

    void request(int stream, HeadWriter head, boolean endStream) {
        encoder.request(head.bytes(), 0, https, loop.headerBlock());
        headers(stream, endStream);
    }

    /** A request for a tunnel, which its head has as an Upgrade. */
    void connect(int stream, HeadWriter head) {
        encoder.connect(head.bytes(), 0, https, loop.headerBlock());
        headers(stream, false);
    }

    /** Ends the stream. */
    void trailers(int stream, Trailers trailers) {
        HeadWriter lines = loop.writer().begin();
        trailers.writeTo(lines);
        encoder.trailers(lines.crlf().bytes(), 0, loop.headerBlock());
        headers(stream, true);
    }

    private void headers(int stream, boolean endStream) {
        HeaderBlock block = loop.headerBlock();
        int size = block.length();
        int frames = size / peer.frameBytes() + 1;
        int most = size + frames * Http2.FRAME_HEAD + SMALL;
        if (most <= WriteBuffers.BYTES) {
            ByteBuf out = outlet.gather(most);
            int before = out.writerIndex();
            FrameWriter.headers(out, stream, block, endStream, peer.frameBytes());
            outlet.written(out.writerIndex() - before);
        } else {
            ByteBuf out = channel.alloc().directBuffer(most);
            FrameWriter.headers(out, stream, block, endStream, peer.frameBytes());
            outlet.write(out);
        }
    }

    /** Takes the piece over, which fits a frame and every window. */
    void data(int stream, ByteBuf piece, boolean endStream) {
        window -= piece.readableBytes();
        ByteBuf out = outlet.gather(SMALL);
        int before = out.writerIndex();
        FrameWriter.data(out, stream, piece.readableBytes(), endStream);
        outlet.written(out.writerIndex() - before);
        outlet.write(piece);
    }

    /** Ends the stream with an empty frame. */
    void end(int stream) {
        ByteBuf out = outlet.gather(SMALL);
        int before = out.writerIndex();
        FrameWriter.data(out, stream, 0, true);
        outlet.written(out.writerIndex() - before);
    }
}
