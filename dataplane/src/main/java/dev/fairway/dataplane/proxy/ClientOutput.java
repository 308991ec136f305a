package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.http1.Framing;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes responses to one HTTP/1 client, framed as it understands them, and takes leave of it. Owned by
 * the connection's loop.
 */
final class ClientOutput {
    private final Loop loop;
    private final Channel channel;
    private final Outlet out;
    private boolean http11 = true;
    private boolean chunked;
    private boolean endsByClosing;

    ClientOutput(Loop loop, Channel channel) {
        this.loop = loop;
        this.channel = channel;
        this.out = Outlet.single(channel, loop);
    }

    /** The next response is to a request of this version. */
    void begin(boolean isHttp11) {
        http11 = isHttp11;
        chunked = false;
        endsByClosing = false;
    }

    /**
     * @return false: the client knows no 1xx
     */
    boolean informational(ResponseHead response) {
        if (http11) {
            HeadWriter writer = loop.writer();
            ResponseWriter.informational(writer, response);
            out.write(writer);
        }
        return http11;
    }

    void respond(ResponseHead response, Settings settings, FieldEdits edits, boolean close) {
        long framing = response.framing();
        boolean lengthUnknown = framing == Framing.CHUNKED || framing == Framing.UNTIL_CLOSE;
        chunked = lengthUnknown && http11;
        endsByClosing = lengthUnknown && !http11;
        HeadWriter writer = loop.writer();
        ResponseWriter.head(writer, response, settings, edits, loop.date(), chunked, close);
        out.write(writer);
    }

    /**
     * @return bytes of the body
     */
    int answer(
            Answer answer,
            @Nullable Request request,
            Settings settings,
            FieldEdits edits,
            boolean close) {
        HeadWriter writer = loop.writer();
        String id = request == null ? "" : request.id();
        int body =
                ErrorPage.write(writer, answer, request, id, settings, edits, loop.date(), close);
        out.write(writer);
        return body;
    }

    /** Takes the piece over. */
    void data(ByteBuf piece) {
        if (!piece.isReadable()) {
            piece.release();
        } else if (chunked) {
            out.writeChunk(piece);
        } else {
            out.write(piece);
        }
    }

    /**
     * Ends the response.
     *
     * @param trailers those the client is to get
     */
    void end(@Nullable Trailers trailers) {
        if (chunked) {
            out.writeLastChunk(trailers);
        }
    }

    boolean congested() {
        return out.congested();
    }

    /** Bytes that the client has not taken yet. */
    long pending() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    long written() {
        return out.written();
    }

    /**
     * Ends in the middle: a length or the last chunk is missing, or a reset comes instead. What was
     * written goes out first: a client that sees nothing at all takes the request for one never served.
     */
    void cut() {
        out.flush();
        if (endsByClosing) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0); // an end would look whole
        }
        channel.close();
    }

    /** Closes after what was written. */
    void close() {
        Farewell.close(channel, out);
    }

    /** Ends our side after what was written and leaves the other open. */
    void shutdown(Runnable then) {
        Farewell.shutdown(channel, out, then);
    }
}
