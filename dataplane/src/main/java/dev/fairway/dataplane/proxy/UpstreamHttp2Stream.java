package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.Http2;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
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
final class UpstreamHttp2Stream extends Deadline implements UpstreamStream {
    private static final int MAX_INFORMATIONAL = 16;

    private final UpstreamHttp2Connection connection;
    private final UpstreamFrames frames;
    private final boolean reused;
    private int id;
    private @Nullable Delivery owner;
    private boolean over;
    private long readNanos;
    private long sendNanos;

    // The request.
    private int window;
    private @Nullable ArrayDeque<ByteBuf> queue;
    private @Nullable Trailers trailers;
    private boolean ending;
    private boolean requestEnded;
    private boolean toldCongested;
    private boolean tunnelAsked;
    private @Nullable UpstreamHttp2Tunnel tunnel;

    /** Whether it waits for the connection's window; the connection has it in its list then. */
    boolean awaitsConnection;

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

    UpstreamHttp2Stream(UpstreamHttp2Connection connection, UpstreamFrames frames, boolean reused) {
        this.connection = connection;
        this.frames = frames;
        this.reused = reused;
    }

    int id() {
        return id;
    }

    boolean over() {
        return over;
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
        requestEnded = whole;
        frames.request(id, head, whole);
        touch();
    }

    private void open() {
        id = connection.opened(this);
        window = connection.streamWindow();
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
        frames.connect(id, head);
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
    public void requestData(ByteBuf piece) {
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
                frames.data(id, piece, false);
                return null;
            }
            window -= room;
            frames.data(id, piece.readRetainedSlice(room), false);
        }
    }

    private void blocked() {
        if (window > 0) {
            connection.awaitsWindow(this);
        }
        awaitRoom();
    }

    private void awaitRoom() {
        if (tunnel == null) {
            connection.wheel().set(this, connection.now(), sendNanos);
        }
    }

    /** A window has grown. */
    void unblocked() {
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
                    connection.awaitsWindow(this);
                }
                return;
            }
        }
        touch();
        if (ending) {
            finishRequest();
        } else {
            writable();
        }
    }

    /** The backend takes more of the request. */
    void writable() {
        ArrayDeque<ByteBuf> waiting = queue;
        if (!toldCongested || (waiting != null && !waiting.isEmpty())) {
            return;
        }
        Delivery delivery = owner;
        UpstreamHttp2Tunnel through = tunnel;
        if (through != null) {
            toldCongested = false;
            through.writable();
        } else if (delivery != null) {
            toldCongested = false;
            touch();
            delivery.writable();
        }
    }

    /**
     * @return false: beyond what a window can be
     */
    boolean grow(int increment) {
        boolean may = increment < 0 || Http2.mayGrow(window, increment);
        window += may ? increment : 0;
        return may;
    }

    @Override
    public void requestEnd(@Nullable Trailers behind) {
        if (over || ending || requestEnded || tunnelAsked) {
            return;
        }
        trailers = behind;
        endRequest();
    }

    private void endRequest() {
        ending = true;
        ArrayDeque<ByteBuf> waiting = queue;
        if (waiting == null || waiting.isEmpty()) {
            finishRequest();
        }
    }

    private void finishRequest() {
        requestEnded = true;
        Trailers behind = trailers;
        if (behind == null) {
            frames.end(id);
        } else {
            frames.trailers(id, behind);
        }
        touch();
    }

    @Override
    public boolean congested() {
        ArrayDeque<ByteBuf> waiting = queue;
        boolean full = (waiting != null && !waiting.isEmpty()) || frames.congested();
        if (full && !toldCongested) {
            toldCongested = true;
            awaitRoom();
        }
        return full;
    }

    @Override
    public void pause() {
        if (!paused && !over) {
            paused = true;
            connection.wheel().clear(this);
        }
    }

    @Override
    public void resume() {
        if (paused && !over) {
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
        if (over) {
            return;
        }
        if (id > 0 && !(requestEnded && responseEnded)) {
            frames.reset(id, responseEnded ? ErrorCode.NO_ERROR : ErrorCode.CANCEL);
        }
        end();
    }

    /** The tunnel has ended: so does the stream, well if the backend's side has and all is sent. */
    void endTunnel() {
        ArrayDeque<ByteBuf> waiting = queue;
        boolean sent = waiting == null || waiting.isEmpty();
        if (!over && responseEnded && sent && !requestEnded) {
            finishRequest();
        }
        stop();
    }

    /** As {@link #endTunnel}, but that the backend has the route's send timeout to take it all and end. */
    void endTunnelAfterWrites() {
        if (over || ending) {
            return;
        }
        paused = true; // what still comes is nobody's
        endRequest();
        if (responseEnded && requestEnded) {
            stop();
        } else {
            connection.wheel().set(this, connection.now(), sendNanos);
        }
    }

    private void end() {
        over = true;
        owner = null;
        connection.wheel().remove(this);
        ArrayDeque<ByteBuf> waiting = queue;
        if (waiting != null) {
            waiting.forEach(ByteBuf::release);
            queue = null;
        }
        connection.closed(this);
    }

    // What the connection says.

    private void touch() {
        if (!paused && !over && !toldCongested && tunnel == null) {
            connection.wheel().set(this, connection.now(), readNanos);
        }
    }

    @Override
    void expired() {
        boolean sending = toldCongested || ending && !requestEnded;
        if (tunnel != null) {
            connection.fire(sending ? Limit.UPSTREAM_SEND_IDLE : Limit.UPSTREAM_READ_IDLE);
            stop();
            return;
        }
        connection.fire(sending ? Limit.UPSTREAM_SEND_IDLE : Limit.UPSTREAM_READ_IDLE);
        broken(ErrorCode.CANCEL, UpstreamFault.TIMED_OUT);
    }

    /** The stream is in error, not its connection. */
    private void malformed() {
        broken(ErrorCode.PROTOCOL_ERROR, UpstreamFault.MALFORMED);
    }

    /** Resets it and says why. */
    void broken(ErrorCode code, UpstreamFault fault) {
        if (!over) {
            frames.reset(id, code);
            lost(fault);
        }
    }

    /** It is no more, without a word to the backend. */
    void lost(UpstreamFault fault) {
        if (over) {
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
        if (endStream || head.status() == 101 || ++informational > MAX_INFORMATIONAL) {
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
        if (endStream && !over) {
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
            frames.windowUpdate(id, unacknowledged);
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
