package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.FieldBlock;
import dev.fairway.dataplane.http2.HpackDecoder;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a backend's HEADERS and DATA frames say, to the streams they belong to; strictly, since what is
 * taken for a response here is one for a client. Owned by its connection's loop.
 */
final class UpstreamHttp2Messages {
    private final Loop loop;
    private final UpstreamHttp2Connection connection;
    private final UpstreamHttp2Streams streams;
    private final UpstreamFrames frames;
    private final UpstreamHttp2Limits limits;
    private final HeadLimits headLimits;
    private final HpackDecoder decoder = new HpackDecoder();

    /** Whose DATA frame is read; null: nobody's any more. */
    private @Nullable UpstreamHttp2Stream receiving;

    private int receiveWindow;
    private int unacknowledged;

    UpstreamHttp2Messages(
            Loop loop,
            UpstreamHttp2Connection connection,
            UpstreamHttp2Streams streams,
            UpstreamFrames frames,
            HeadLimits headLimits) {
        this.loop = loop;
        this.connection = connection;
        this.streams = streams;
        this.frames = frames;
        this.limits = connection.limits();
        this.headLimits = headLimits;
        this.receiveWindow = limits.connectionWindow();
    }

    /** A header block of a stream: it is decoded whatever becomes of the stream. */
    void headers(int stream, byte[] block, int from, int to, boolean endStream) {
        if (streams.neverWas(stream)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        connection.earn();
        UpstreamHttp2Stream of = streams.get(stream);
        FieldBlock fields = loop.fieldBlock();
        if (of == null) {
            fields.begin(FieldBlock.Part.RESPONSE, null, headLimits);
            decoded(block, from, to, fields);
        } else if (of.headRead()) {
            trailers(of, block, from, to, endStream);
        } else {
            head(of, block, from, to, endStream);
        }
    }

    private boolean decoded(byte[] block, int from, int to, FieldBlock fields) {
        boolean good = decoder.decode(block, from, to, fields);
        if (!good) {
            connection.error(ErrorCode.COMPRESSION_ERROR);
        }
        return good;
    }

    private void head(
            UpstreamHttp2Stream stream, byte[] block, int from, int to, boolean endStream) {
        FieldBlock fields = loop.fieldBlock();
        ResponseHead head = loop.responseHead();
        try {
            fields.begin(FieldBlock.Part.RESPONSE, head, headLimits);
            if (!decoded(block, from, to, fields)) {
                return;
            }
            Fault read = fields.fault();
            int status = fields.response();
            Fault fault =
                    status < 0
                            ? Fault.MALFORMED
                            : head.received(status, stream.toHead(), !endStream);
            if (fault != null) {
                if (read != null && read.size()) {
                    connection.fire(Limit.UPSTREAM_HEAD_SIZE);
                }
                stream.broken(ErrorCode.PROTOCOL_ERROR, UpstreamFault.MALFORMED);
            } else if (status < 200) {
                stream.informational(head, endStream);
            } else {
                stream.head(head, endStream);
            }
        } finally {
            loop.reuse(head);
        }
    }

    private void trailers(
            UpstreamHttp2Stream stream, byte[] block, int from, int to, boolean endStream) {
        FieldBlock fields = loop.fieldBlock();
        Trailers trailers = loop.trailers();
        fields.begin(FieldBlock.Part.TRAILERS, trailers, headLimits);
        if (!decoded(block, from, to, fields)) {
            return;
        }
        if (fields.trailers() != null || !endStream) {
            stream.broken(ErrorCode.PROTOCOL_ERROR, UpstreamFault.MALFORMED);
        } else {
            stream.responseEnds(trailers);
        }
    }

    /** A DATA frame begins; it takes from two windows. */
    void dataBegin(int stream, int length, int content, boolean endStream) {
        receiving = null;
        if (streams.neverWas(stream)) {
            connection.error(ErrorCode.PROTOCOL_ERROR);
            return;
        }
        if (length > receiveWindow) {
            connection.error(ErrorCode.FLOW_CONTROL_ERROR);
            return;
        }
        receiveWindow -= length;
        unacknowledged += length;
        if (unacknowledged >= limits.connectionWindow() / 2) {
            frames.windowUpdate(0, unacknowledged);
            receiveWindow += unacknowledged;
            unacknowledged = 0;
        }
        if (content > 0) {
            connection.earn();
        } else if (!endStream) {
            connection.spend();
        }
        UpstreamHttp2Stream to = streams.get(stream);
        if (to != null && to.dataBegins(length, content)) {
            receiving = to;
        }
    }

    /** Takes the piece over. */
    void data(ByteBuf piece) {
        UpstreamHttp2Stream to = receiving;
        if (to == null) {
            piece.release();
        } else {
            to.data(piece);
        }
    }

    void dataEnd(boolean endStream) {
        UpstreamHttp2Stream to = receiving;
        receiving = null;
        if (to != null && !to.over()) {
            to.dataEnds(endStream);
        }
    }
}
