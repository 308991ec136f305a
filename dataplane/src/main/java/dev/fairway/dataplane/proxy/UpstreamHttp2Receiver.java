package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.FrameReader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a backend's frames say, to the streams they belong to and to the connection: messages by {@link
 * UpstreamHttp2Messages}, all else here. Owned by its connection's loop.
 */
final class UpstreamHttp2Receiver implements FrameReader.Receiver {
    private static final int REFUSED_STREAM = ErrorCode.REFUSED_STREAM.code();
    private static final int HTTP_1_1_REQUIRED = ErrorCode.HTTP_1_1_REQUIRED.code();

    private final UpstreamHttp2Connection connection;
    private final UpstreamHttp2Streams streams;
    private final UpstreamFrames frames;
    private final UpstreamHttp2Messages messages;
    private final ControlBudget resets;

    UpstreamHttp2Receiver(
            UpstreamHttp2Connection connection,
            UpstreamHttp2Streams streams,
            UpstreamFrames frames,
            UpstreamHttp2Messages messages,
            ControlBudget resets) {
        this.connection = connection;
        this.streams = streams;
        this.frames = frames;
        this.messages = messages;
        this.resets = resets;
    }

    // Messages.

    @Override
    public void headers(
            int stream,
            byte[] block,
            int from,
            int to,
            boolean endStream,
            boolean dependsOnItself) {
        messages.headers(stream, block, from, to, endStream);
    }

    @Override
    public void dataBegin(int stream, int length, int content, boolean endStream) {
        messages.dataBegin(stream, length, content, endStream);
    }

    @Override
    public void data(int stream, ByteBuf piece) {
        messages.data(piece);
    }

    @Override
    public void dataEnd(int stream, boolean endStream) {
        messages.dataEnd(endStream);
    }

    // Streams.

    @Override
    public void reset(int stream, int code) {
        if (streams.neverWas(stream)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        UpstreamHttp2Stream of = streams.get(stream);
        if (of == null) {
            connection.spend();
            return;
        }
        if (!resets.spend(connection.now())) {
            connection.fire(Limit.UPSTREAM_RESETS);
            connection.retire();
        }
        if (code == REFUSED_STREAM && !of.responseBegun()) {
            of.lost(UpstreamFault.REFUSED);
        } else {
            of.lost(code == HTTP_1_1_REQUIRED ? UpstreamFault.NOT_HTTP2 : UpstreamFault.RESET);
        }
    }

    @Override
    public void streamError(int stream, ErrorCode code) {
        if (streams.neverWas(stream)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        UpstreamHttp2Stream of = streams.get(stream);
        if (of != null) {
            of.broken(code, UpstreamFault.MALFORMED);
        }
    }

    @Override
    public void windowUpdate(int stream, int increment) {
        if (stream == 0) {
            if (frames.grow(increment)) {
                streams.serveAwaiting();
            } else {
                connection.error(ErrorCode.FLOW_CONTROL_ERROR);
            }
            return;
        }
        if (streams.neverWas(stream)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        UpstreamHttp2Stream of = streams.get(stream);
        if (of == null) {
            return;
        }
        if (of.grow(increment)) {
            of.unblocked();
        } else {
            of.broken(ErrorCode.FLOW_CONTROL_ERROR, UpstreamFault.MALFORMED);
        }
    }

    // The connection.

    @Override
    public void connectionError(ErrorCode code) {
        connection.error(code);
    }

    @Override
    public @Nullable ErrorCode setting(int id, int value) {
        return frames.peer().apply(id, value);
    }

    @Override
    public void settingsEnd() {
        frames.settingsAck();
        connection.spend();
        if (connection.over()) {
            return;
        }
        if (!streams.window(frames.peer().window())) {
            connection.error(ErrorCode.FLOW_CONTROL_ERROR);
            return;
        }
        connection.settled();
        for (UpstreamHttp2Stream stream : streams.all()) {
            stream.unblocked();
        }
    }

    @Override
    public void settingsAcknowledged() {}

    @Override
    public void ping(long payload, boolean acknowledged) {
        if (acknowledged) {
            connection.verified();
        } else {
            frames.ping(payload, true);
            connection.spend();
        }
    }

    /** Streams beyond the last it names were not begun with (RFC 9113 6.8). */
    @Override
    public void goAway(int lastStream, int code) {
        connection.spend();
        connection.leaves(lastStream);
    }

    @Override
    public void priority(int stream) {
        connection.spend();
    }

    @Override
    public void unknown(int type) {
        connection.spend();
    }
}
