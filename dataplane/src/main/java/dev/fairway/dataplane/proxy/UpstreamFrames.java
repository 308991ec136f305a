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

    /** Room for one that has so many bytes behind its head; they count as written. */
    private ByteBuf frame(int payload) {
        int size = Http2.FRAME_HEAD + payload;
        outlet.written(size);
        return outlet.gather(size);
    }

    void begin(UpstreamHttp2Limits limits, int headBytes) {
        outlet.written(Http2.PREFACE.length);
        outlet.gather(Http2.PREFACE.length).writeBytes(Http2.PREFACE);
        FrameWriter.settings(
                frame(3 * 6),
                Http2.SETTINGS_ENABLE_PUSH,
                0,
                Http2.SETTINGS_INITIAL_WINDOW_SIZE,
                limits.streamWindow(),
                Http2.SETTINGS_MAX_HEADER_LIST_SIZE,
                headBytes);
        FrameWriter.windowUpdate(frame(4), 0, limits.connectionWindow() - Http2.INITIAL_WINDOW);
    }

    void settingsAck() {
        encoder.tableBytes(peer.tableBytes());
        FrameWriter.settingsAck(frame(0));
    }

    void ping(long payload, boolean acknowledges) {
        FrameWriter.ping(frame(8), payload, acknowledges);
    }

    void goAway(ErrorCode code) {
        FrameWriter.goAway(frame(8), 0, code); // a backend opens no stream
    }

    void reset(int stream, ErrorCode code) {
        FrameWriter.reset(frame(4), stream, code);
    }

    void windowUpdate(int stream, int increment) {
        FrameWriter.windowUpdate(frame(4), stream, increment);
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
        int most = size + (size / peer.frameBytes() + 1) * Http2.FRAME_HEAD;
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
    void data(int stream, ByteBuf piece) {
        window -= piece.readableBytes();
        FrameWriter.data(frame(0), stream, piece.readableBytes(), false);
        outlet.write(piece);
    }

    /** Ends the stream with an empty frame. */
    void end(int stream) {
        FrameWriter.data(frame(0), stream, 0, true);
    }
}
