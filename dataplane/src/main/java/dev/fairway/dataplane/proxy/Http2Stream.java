package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.contract.Settings;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.Http2;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One request of an HTTP/2 client and its way back. It keeps its place among its connection's streams
 * until both the response is out and the exchange has ended, so that what a client opens is never more
 * than what it was offered (attack ledger C2).
 *
 * <pre>
 * request:  open ─▶ ended by the client                         any ─▶ closed (reset by either side)
 * response: waiting ─▶ data (queued while there is no window) ─▶ ended
 * </pre>
 *
 * Owned by its connection's loop; never used again.
 */
final class Http2Stream implements ClientStream {
    /** So little in a whole stall time is none. */
    private static final int PROGRESS = 1024;

    private final Engine engine;
    private final Loop loop;
    private final Http2Connection connection;
    private final Http2Output out;
    private final int id;
    private final Settings settings;

    private @Nullable RequestHead head;
    private @Nullable Exchange exchange;
    private ForwardedHeaders who;
    private long written;
    private long active;

    // The request.
    private boolean requestEnded;
    private int receiveWindow;
    private int unreturned;
    private int returned;
    private boolean paused;
    private long announced = -1;
    private @Nullable BodyClock clock;
    private long clockDue;

    // The response.
    private int window;
    private @Nullable ArrayDeque<ByteBuf> queue;
    private int queued;
    private boolean turn;
    private boolean ending;
    private @Nullable Trailers trailers;
    private boolean ended;
    private long left = -1;
    private boolean backendWaits;
    private long stalledSince;
    private int sinceStall;

    private boolean closed;

    private boolean tunnelAsked;
    private @Nullable HeldBytes early;
    private @Nullable Tunnel tunnel;

    Http2Stream(
            Engine engine,
            Loop loop,
            Http2Connection connection,
            Http2Output out,
            int id,
            RequestHead head,
            Settings settings,
            int window) {
        this.engine = engine;
        this.loop = loop;
        this.connection = connection;
        this.out = out;
        this.id = id;
        this.head = head;
        this.settings = settings;
        this.window = window;
        this.receiveWindow = engine.limits().http2().streamWindow();
        this.who = connection.who();
        this.active = loop.now();
    }

    int id() {
        return id;
    }

    // The request.

    /** Its head makes sense: the exchange begins. */
    void begin(RequestHead read, @Nullable Generation generation, boolean endStream) {
        TrustedPeers trusted = loop.trusted(settings.forwarding());
        who = connection.who().forStream(trusted);
        CanonicalRequest request = read.canonical();
        who.resolve(request, trusted);
        RequestId.give(request, loop.random());
        Exchange next = loop.exchange(this, request, settings, active);
        exchange = next;
        tunnelAsked = read.upgrade() >= 0;
        requestEnded = endStream;
        if (endStream || tunnelAsked) {
            next.requestEnd(null);
        } else {
            announced = read.framing();
            // What lasts as long as its caller wants has no rate: nothing at all for long ends it.
            if (!request.grpc()) {
                BodyClock measure = new BodyClock();
                measure.begin(active);
                clock = measure;
                clockDue = active + measure.patience(settings, engine.limits().client());
            }
        }
        next.start(generation);
    }

    /** Its head makes none: answered without an exchange. */
    void refuse(Fault fault, boolean endStream) {
        requestEnded = endStream;
        if (fault.size()) {
            engine.fire(Limit.HEAD_SIZE);
        }
        refuse(Answer.of(fault.status(), fault.text(), fault.reason()));
    }

    private void refuse(Answer answer) {
        ExchangeRecord record = new ExchangeRecord(ClientConnection.NOBODY);
        record.begin(active, 0);
        RequestHead read = head;
        record.requestData(read == null ? 0 : read.length());
        int body = answer(answer, settings, FieldEdits.NONE);
        record.status(answer.status());
        record.outcome(answer.reason());
        record.responseData(body);
        record.end(written, loop.now());
        engine.sink().finished(record);
        exchangeDone();
    }

    boolean requestEnded() {
        return requestEnded;
    }

    /**
     * A DATA frame takes so much of the window.
     *
     * @return false: more than there is
     */
    boolean takes(int length) {
        receiveWindow -= length;
        return receiveWindow >= 0;
    }

    /** Padding, which nobody has to take first. */
    void padding(int size) {
        unreturned += size;
        giveBack();
    }

    /** Takes the piece over. */
    void data(ByteBuf piece) {
        int size = piece.readableBytes();
        active = loop.now();
        if (closed) {
            piece.release();
            connection.giveBack(size);
            return;
        }
        unreturned += size;
        if (announced >= 0) {
            announced -= size;
            if (announced < 0) {
                piece.release();
                connection.streamError(this, ErrorCode.PROTOCOL_ERROR);
                return;
            }
        }
        Exchange current = exchange;
        Tunnel through = tunnel;
        if (through != null) {
            through.fromClient(piece);
        } else if (tunnelAsked) {
            hold(piece);
            return;
        } else if (current != null) {
            BodyClock measure = clock;
            if (measure != null) {
                measure.data(size, active);
            }
            current.requestData(piece);
        } else {
            piece.release();
        }
        if (!paused) {
            giveBack();
        }
    }

    /** Bytes for a tunnel that is not open yet: their window is not given back before. */
    private void hold(ByteBuf piece) {
        HeldBytes held = early;
        if (held == null) {
            held = new HeldBytes(engine.limits().http2().streamWindow());
            early = held;
        }
        held.addLast(piece);
    }

    private void giveBack() {
        int size = unreturned;
        unreturned = 0;
        connection.giveBack(size);
        if (requestEnded || closed) {
            return;
        }
        returned += size;
        if (returned >= engine.limits().http2().streamWindow() / 2) {
            out.windowUpdate(id, returned);
            receiveWindow += returned;
            returned = 0;
        }
    }

    /** The client ended the request. */
    void requestEnds(@Nullable Trailers behind) {
        if (closed) {
            return;
        }
        active = loop.now();
        if (announced > 0) {
            connection.streamError(this, ErrorCode.PROTOCOL_ERROR);
            return;
        }
        requestEnded = true;
        clock = null;
        Tunnel through = tunnel;
        Exchange current = exchange;
        if (through != null) {
            through.clientClosed();
            closeTunnel();
        } else if (current != null && !tunnelAsked) {
            current.requestEnd(behind);
        }
    }

    @Override
    public void pauseRequest() {
        if (!paused) {
            paused = true;
            engine.fire(Limit.BUFFER);
            BodyClock measure = clock;
            if (measure != null) {
                measure.pause();
            }
        }
    }

    @Override
    public void resumeRequest() {
        if (paused) {
            paused = false;
            giveBack();
        }
    }

    @Override
    public ForwardedHeaders forwarded() {
        return who;
    }

    // The response.

    @Override
    public void informational(ResponseHead response) {
        if (!closed) {
            HeadWriter writer = loop.writer();
            ResponseWriter.informational(writer, response);
            out.head(this, writer, response.status(), false);
        }
    }

    @Override
    public void respond(ResponseHead response, Settings byThese, FieldEdits edits) {
        if (closed) {
            return;
        }
        active = loop.now();
        clock = null;
        boolean switching = response.status() == 101;
        long framing = switching ? -1 : response.framing();
        HeadWriter writer = loop.writer();
        ResponseWriter.head(writer, response, byThese, edits, loop.date(), false, false);
        out.head(this, writer, response.status(), framing == 0);
        ended = framing == 0;
        left = response.http2() ? -1 : framing; // trailers may follow there, whatever the length
    }

    @Override
    public int answer(Answer answer, Settings byThese, FieldEdits edits) {
        if (closed) {
            return 0;
        }
        clock = null;
        Exchange current = exchange;
        Request request = current == null ? null : current.request();
        HeadWriter writer = loop.writer();
        String requestId = request == null ? "" : request.id();
        int body =
                ErrorPage.write(
                        writer, answer, request, requestId, byThese, edits, loop.date(), false);
        int end = out.head(this, writer, answer.status(), body == 0);
        if (body == 0) {
            ended = true;
        } else {
            left = body;
            responseData(
                    connection.alloc().directBuffer(body).writeBytes(writer.bytes(), end, body));
        }
        return body;
    }

    @Override
    public void responseData(ByteBuf piece) {
        if (closed || ended || !piece.isReadable()) {
            piece.release();
            return;
        }
        active = loop.now();
        if (queued == 0 && !out.othersWait()) {
            send(piece);
        } else {
            enqueue(piece);
        }
        if (ended) {
            over();
        }
    }

    private void send(ByteBuf piece) {
        int size = piece.readableBytes();
        for (int room = out.room(this); room > 0; room = out.room(this)) {
            if (size <= room) {
                frame(piece, left == size);
                return;
            }
            frame(piece.readRetainedSlice(room), false);
            size -= room;
        }
        enqueue(piece);
    }

    private void frame(ByteBuf piece, boolean ends) {
        int size = piece.readableBytes();
        window -= size;
        sinceStall += size;
        if (left > 0) {
            left -= size;
        }
        ended = ends;
        out.data(this, piece, ends);
    }

    private void enqueue(ByteBuf piece) {
        ArrayDeque<ByteBuf> pieces = queue;
        if (pieces == null) {
            pieces = new ArrayDeque<>(4);
            queue = pieces;
        }
        if (queued == 0) {
            stalledSince = loop.now();
            sinceStall = 0;
        }
        ByteBuf kept = RequestBody.small(piece);
        pieces.addLast(kept);
        queued += kept.readableBytes();
        out.waiting(kept.readableBytes());
        askForTurn();
    }

    private void askForTurn() {
        if (!turn && queued > 0 && window > 0) {
            turn = true;
            out.wantsTurn(this);
        }
    }

    /**
     * Sends one frame of what waits.
     *
     * @return whether it wants another turn
     */
    boolean turn() {
        ArrayDeque<ByteBuf> pieces = queue;
        ByteBuf first = pieces == null ? null : pieces.peekFirst();
        int room = out.room(this);
        if (pieces == null || first == null || room == 0) {
            turn = first != null && window > 0;
            return turn;
        }
        int size = Math.min(room, first.readableBytes());
        boolean whole = size == first.readableBytes();
        if (whole) {
            pieces.removeFirst();
        }
        queued -= size;
        out.waiting(-size);
        active = loop.now();
        boolean last = queued == 0 && (left == size || (ending && trailers == null));
        frame(whole ? first : first.readRetainedSlice(size), last);
        if (queued == 0 && ending) {
            finishResponse();
        }
        turn = !closed && queued > 0 && window > 0;
        boolean again = turn;
        if (ended) {
            over();
        } else {
            wakeBackend();
        }
        return again && !closed;
    }

    private void wakeBackend() {
        if (backendWaits && queued <= engine.limits().http2().streamBuffer() / 2) {
            backendWaits = false;
            Tunnel through = tunnel;
            Exchange current = exchange;
            if (through != null) {
                through.clientWritable();
            } else if (current != null) {
                current.clientWritable();
            }
        }
    }

    /** Nothing waits any more, and nothing follows but trailers. */
    private void finishResponse() {
        if (ended) {
            return;
        }
        ended = true;
        Trailers behind = trailers;
        if (behind == null) {
            out.end(this);
        } else {
            HeadWriter writer = loop.writer().begin();
            behind.writeTo(writer);
            out.trailers(this, writer.crlf());
        }
    }

    @Override
    public void end(@Nullable Trailers behind) {
        if (closed || ended || ending) {
            return;
        }
        ending = true;
        if (queued > 0) {
            trailers = behind == null ? null : behind.copy();
            return;
        }
        trailers = behind;
        finishResponse();
        trailers = null;
        over();
    }

    @Override
    public void abort() {
        if (!closed) {
            closed = true;
            release();
            connection.write(this, ErrorCode.INTERNAL_ERROR);
        }
    }

    @Override
    public boolean congested() {
        Http2Limits limits = engine.limits().http2();
        boolean congested =
                queued >= limits.streamBuffer()
                        || (queued > 0 && out.waiting() >= limits.connectionBuffer());
        if (congested && !backendWaits) {
            backendWaits = true;
            engine.fire(Limit.BUFFER);
        }
        return congested;
    }

    @Override
    public long written() {
        return written;
    }

    void sent(int size) {
        written += size;
    }

    // The client's window for it.

    int window() {
        return window;
    }

    /**
     * @param change below 0 when the client makes all windows smaller
     * @return false: beyond any window
     */
    boolean grow(int change) {
        if (change > 0 && !Http2.mayGrow(window, change)) {
            return false;
        }
        window += change;
        askForTurn();
        return true;
    }

    // Tunnel.

    @Override
    public void tunnel(Tunnel through) {
        tunnel = through;
        HeldBytes held = early;
        early = null;
        for (ByteBuf next = poll(held); next != null; next = poll(held)) {
            through.fromClient(next);
        }
        if (!paused) {
            giveBack();
        }
        if (requestEnded) {
            through.clientClosed();
            closeTunnel();
        }
    }

    private static @Nullable ByteBuf poll(@Nullable HeldBytes held) {
        return held == null ? null : held.poll();
    }

    @Override
    public void closeTunnel() {
        tunnel = null;
        end(null);
    }

    // The end.

    @Override
    public void exchangeDone() {
        Exchange done = exchange;
        exchange = null;
        clock = null;
        if (done != null) {
            loop.reuse(done);
        }
        RequestHead used = head;
        if (used != null) {
            head = null;
            loop.reuse(used);
        }
        if (closed) {
            connection.gone(this);
        } else if (ended) {
            over();
        } else {
            resumeRequest();
        }
    }

    /** The response is out; with the exchange's end the stream's. */
    private void over() {
        if (!closed && exchange == null && tunnel == null) {
            closed = true;
            release();
            connection.completed(this);
        }
    }

    /** It was reset: nothing goes or comes any more, and what is under way stops. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        release();
        Tunnel through = tunnel;
        Exchange current = exchange;
        if (through != null) {
            through.clientClosed();
        } else if (current != null) {
            current.clientGone();
        } else {
            connection.gone(this);
        }
    }

    boolean closed() {
        return closed;
    }

    private void release() {
        HeldBytes held = early;
        early = null;
        if (held != null) {
            held.release();
        }
        ArrayDeque<ByteBuf> pieces = queue;
        queue = null;
        if (pieces != null) {
            pieces.forEach(ByteBuf::release);
            out.waiting(-queued);
            queued = 0;
        }
        if (turn) {
            turn = false;
            out.gone(this);
        }
        connection.giveBack(unreturned);
        unreturned = 0;
    }

    // Time.

    /** Looks at its clocks. */
    void tick(long now) {
        Http2Limits limits = engine.limits().http2();
        if (queued > 0 && now - stalledSince >= limits.windowStall().toNanos()) {
            if (sinceStall < PROGRESS) {
                engine.fire(Limit.HTTP2_WINDOW_STALL);
                connection.reset(this, ErrorCode.CANCEL);
                return;
            }
            stalledSince = now;
            sinceStall = 0;
        }
        if (tunnel == null
                && now - active >= limits.streamIdle().toNanos()
                && now - active >= routeIdleNanos()) {
            engine.fire(Limit.HTTP2_STREAM_IDLE);
            connection.reset(this, ErrorCode.CANCEL);
            return;
        }
        BodyClock measure = clock;
        if (measure != null && now - clockDue >= 0) {
            ProxyLimits.Client client = engine.limits().client();
            clockDue = now + measure.patience(settings, client);
            Exchange current = exchange;
            boolean endless = current == null || current.bodyEndless();
            Limit limit = paused ? null : measure.check(now, settings, client, endless);
            if (limit != null && current != null) {
                engine.fire(limit);
                current.requestBroken(408, "The request took too long.", "body-timeout");
            }
        }
    }

    /** A route that waits long for its backend means it, whatever the protocol. */
    private long routeIdleNanos() {
        Exchange current = exchange;
        RoutePlan plan = current == null ? null : current.plan();
        if (plan == null) {
            return 0;
        }
        Timeouts timeouts = plan.timeouts();
        return Math.max(timeouts.read().toNanos(), timeouts.send().toNanos());
    }

    /** Bytes that wait here, in either direction. */
    long heldBytes() {
        Exchange current = exchange;
        HeldBytes held = early;
        return (current == null ? 0 : current.heldBytes()) + (held == null ? 0 : held.bytes());
    }
}
