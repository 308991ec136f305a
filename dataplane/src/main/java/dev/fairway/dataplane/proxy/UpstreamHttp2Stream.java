package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.ErrorCode;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One request on an HTTP/2 connection to a backend. It is its own deadline: nothing has gone either way
 * for the route's read timeout, or the backend has made no room for the request for its send timeout.
 *
 * <pre>
 *            request sent ─▶ half closed ─┐
 * made ─▶ open ┤                          ├─▶ over
 *            response ended ──────────────┘     (a reset, either way, leads there at once)
 * </pre>
 *
 * A request for a tunnel does not end; with a 2xx the stream is an {@link UpstreamHttp2Tunnel}'s, whose
 * deadline is the tunnel's. Owned by its connection's loop.
 */
final class UpstreamHttp2Stream extends UpstreamHttp2Sender {
    private final UpstreamHttp2Connection connection;
    private final boolean reused;
    private @Nullable Delivery owner;
    private boolean tunnelAsked;
    private @Nullable UpstreamHttp2Tunnel tunnel;
    private long readNanos;
    private long sendNanos;

    // The response.
    private boolean toHead;
    private boolean begun;
    private boolean headRead;
    private boolean responseEnded;
    private int informational;
    private long bodyLeft;
    private boolean lengthKnown;
    private int receiveWindow;
    private int unacknowledged;
    private boolean paused;

    UpstreamHttp2Stream(
            UpstreamHttp2Connection connection,
            UpstreamHttp2Streams streams,
            UpstreamFrames frames,
            boolean reused) {
        super(streams, frames);
        this.connection = connection;
        this.reused = reused;
    }

    // What the delivery says.

    @Override
    public void begin(Delivery delivery, boolean headRequest, boolean chunked) {
        owner = delivery;
        toHead = headRequest;
        readNanos = delivery.timeouts().read().toNanos();
        sendNanos = delivery.timeouts().send().toNanos();
    }

    @Override
    public void requestHead(HeadWriter head, boolean whole) {
        open();
        sendHead(head, whole);
    }

    private void open() {
        open(connection.opened(this));
        receiveWindow = connection.limits().streamWindow();
    }

    @Override
    public boolean mayTunnel() {
        return frames.peer().connectProtocol();
    }

    @Override
    public void requestTunnel(HeadWriter head) {
        open();
        tunnelAsked = true;
        frames.connect(id(), head);
        touch();
    }

    @Override
    public TunnelEnd becomeTunnel() {
        UpstreamHttp2Tunnel end = new UpstreamHttp2Tunnel(this);
        tunnel = end;
        owner = null;
        connection.wheel().clear(this);
        return end;
    }

    @Override
    public void requestEnd(@Nullable Trailers behind) {
        if (!tunnelAsked) {
            endRequest(behind);
        }
    }

    @Override
    public void pause() {
        if (!paused && !over()) {
            paused = true;
            connection.wheel().clear(this);
        }
    }

    @Override
    public void resume() {
        if (paused && !over()) {
            paused = false;
            acknowledge();
            touch();
        }
    }

    @Override
    public boolean responseBegun() {
        return begun;
    }

    @Override
    public boolean reused() {
        return reused;
    }

    /** An end of the response before the request's is no error: the rest of the request is let go. */
    @Override
    public void release() {
        close();
    }

    @Override
    public void discard() {
        close();
    }

    @Override
    public void close() {
        if (tunnel == null) {
            stop();
        }
    }

    private void stop() {
        if (over()) {
            return;
        }
        if (id() > 0 && !(requestEnded() && responseEnded)) {
            frames.reset(id(), responseEnded ? ErrorCode.NO_ERROR : ErrorCode.CANCEL);
        }
        end();
    }

    /** The tunnel has ended: so does the stream, well if the backend's side has and all is sent. */
    void endTunnel() {
        if (responseEnded && allSent()) {
            endRequest(null);
        }
        stop();
    }

    /** As {@link #endTunnel}, but that the backend has the route's send timeout to take it all and end. */
    void endTunnelAfterWrites() {
        if (over() || ending()) {
            return;
        }
        paused = true; // what still comes is nobody's
        endRequest(null);
        if (responseEnded && requestEnded()) {
            stop();
        } else {
            connection.wheel().set(this, connection.now(), sendNanos);
        }
    }

    private void end() {
        stopSending();
        owner = null;
        connection.wheel().remove(this);
        connection.closed(this);
    }

    // What the request's half says.

    @Override
    void touch() {
        if (!paused && !over() && !toldCongested() && tunnel == null) {
            connection.wheel().set(this, connection.now(), readNanos);
        }
    }

    @Override
    void awaitRoom() {
        if (tunnel == null) {
            connection.wheel().set(this, connection.now(), sendNanos);
        }
    }

    @Override
    void takesMore() {
        Delivery delivery = owner;
        UpstreamHttp2Tunnel through = tunnel;
        if (through != null) {
            through.writable();
        } else if (delivery != null) {
            touch();
            delivery.writable();
        }
    }

    // What the connection says.

    @Override
    void expired() {
        boolean sending = toldCongested() || ending() && !requestEnded();
        connection.fire(sending ? Limit.UPSTREAM_SEND_IDLE : Limit.UPSTREAM_READ_IDLE);
        if (tunnel != null) {
            stop();
        } else {
            broken(ErrorCode.CANCEL, UpstreamFault.TIMED_OUT);
        }
    }

    /** The stream is in error, not its connection. */
    private void malformed() {
        broken(ErrorCode.PROTOCOL_ERROR, UpstreamFault.MALFORMED);
    }

    /** Resets it and says why. */
    void broken(ErrorCode code, UpstreamFault fault) {
        if (!over()) {
            frames.reset(id(), code);
            lost(fault);
        }
    }

    /** It is no more, without a word to the backend. */
    void lost(UpstreamFault fault) {
        if (over()) {
            return;
        }
        Delivery delivery = owner;
        UpstreamHttp2Tunnel through = tunnel;
        end();
        if (through != null) {
            through.ended();
        } else if (delivery != null) {
            delivery.failed(this, fault);
        }
    }

    /** A 1xx. */
    void informational(ResponseHead head, boolean endStream) {
        Delivery delivery = owner;
        begun = true;
        if (endStream
                || head.status() == 101
                || ++informational > ResponseReader.MAX_INFORMATIONAL) {
            malformed();
        } else if (delivery != null) {
            touch();
            delivery.informational(head);
        }
    }

    boolean headRead() {
        return headRead;
    }

    boolean toHead() {
        return toHead;
    }

    /** The final head. */
    void head(ResponseHead head, boolean endStream) {
        Delivery delivery = owner;
        begun = true;
        headRead = true;
        long framing = head.framing();
        lengthKnown = framing >= 0;
        bodyLeft = framing;
        responseEnded = endStream;
        if (delivery == null) {
            return;
        }
        touch();
        if (tunnelAsked && head.status() / 100 == 2) {
            lengthKnown = false; // a tunnel has no length (RFC 9110 9.3.6)
            delivery.tookConnect(head, this);
            UpstreamHttp2Tunnel through = tunnel;
            if (endStream && through != null) {
                through.ended();
            }
            return;
        }
        if (endStream && !toHead && !head.saysLength() && !delivery.forHttp2()) {
            head.withoutLength();
        }
        delivery.responseHead(head);
        if (endStream && !over()) {
            delivery.responseEnd(null);
        }
    }

    /**
     * @return false: the stream is in error
     */
    boolean dataBegins(int length, int content) {
        if (!headRead || length > receiveWindow) {
            broken(
                    headRead ? ErrorCode.FLOW_CONTROL_ERROR : ErrorCode.PROTOCOL_ERROR,
                    UpstreamFault.MALFORMED);
            return false;
        }
        receiveWindow -= length;
        unacknowledged += length;
        if (lengthKnown && content > bodyLeft) {
            malformed();
            return false;
        }
        bodyLeft -= content;
        return true;
    }

    /** Takes the piece over. */
    void data(ByteBuf piece) {
        Delivery delivery = owner;
        UpstreamHttp2Tunnel through = tunnel;
        if (through != null) {
            through.came(piece);
        } else if (delivery == null) {
            piece.release();
        } else {
            touch();
            delivery.responseData(piece);
        }
    }

    void dataEnds(boolean endStream) {
        if (endStream) {
            responseEnds(null);
        } else if (!paused) {
            acknowledge();
        }
    }

    /** Gives back what the client has taken, in large parts. */
    private void acknowledge() {
        if (!responseEnded && unacknowledged >= connection.limits().streamWindow() / 2) {
            frames.windowUpdate(id(), unacknowledged);
            receiveWindow += unacknowledged;
            unacknowledged = 0;
        }
    }

    /** The backend's side ends, with trailers or without. */
    void responseEnds(@Nullable Trailers behind) {
        UpstreamHttp2Tunnel through = tunnel;
        // In a tunnel there is nothing but DATA (RFC 9113 8.5).
        if ((lengthKnown && bodyLeft > 0) || (through != null && behind != null)) {
            malformed();
            return;
        }
        responseEnded = true;
        Delivery delivery = owner;
        if (through != null) {
            through.ended();
        } else if (delivery != null) {
            delivery.responseEnd(behind);
        }
    }
}
