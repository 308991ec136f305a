package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 client connection: one exchange at a time in order of arrival. Pipelined bytes wait, up to
 * a bound, until their turn.
 *
 * <pre>
 * IDLE ─▶ HEAD ─▶ BODY ─▶ WAITING ─▶ IDLE …      (what its deadline is about)
 *           └───────┴────────┴─▶ LINGER ─▶ closed
 * </pre>
 *
 * Owned by its event loop.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter
        implements ClientStream, Downstream, RequestReader.Receiver {
    static final ExchangeRecord.Source NOBODY =
            new ExchangeRecord.Source() {
                @Override
                public @Nullable Request request() {
                    return null;
                }

                @Override
                public @Nullable RoutePlan plan() {
                    return null;
                }
            };

    /** How many requests of one client may begin before others are looked at. */
    private static final int REQUESTS_PER_TURN = 32;

    private enum Phase {
        IDLE,
        HEAD,
        BODY,
        WAITING,
        /** The rest of a body nobody wants. */
        DRAIN,
        LINGER
    }

    private final Engine engine;
    private final Loop loop;
    private final Channel channel;
    private final ForwardedHeaders who;
    private final Turns.Party party;
    private final ClientOutput out;
    private final Intake intake;
    private final RequestReader reader;
    private final WriteStall stall;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    timedOut();
                }
            };
    private Settings settings;
    private Phase phase = Phase.IDLE;
    private long phaseBegan;
    private final long began = System.nanoTime();

    private @Nullable Exchange exchange;
    private int requests;

    private long turn;
    private int begunInTurn;
    private boolean yielding;

    private final BodyClock clock = new BodyClock();
    private long drained;

    private boolean consuming;
    private boolean expecting;
    private boolean upgradeAsked;
    private boolean clientCloses;
    private boolean closeAfter;
    private boolean closing;
    private @Nullable Tunnel tunnel;
    private boolean handshakeJustDone;

    private final boolean mayBeHttp2;

    /** Null once it is known that HTTP/1 is spoken. */
    private @Nullable PriorKnowledge first;

    ClientConnection(
            Engine engine,
            Loop loop,
            BoundListener listener,
            Channel channel,
            ForwardedHeaders who) {
        this.engine = engine;
        this.loop = loop;
        this.channel = channel;
        this.who = who;
        this.party = loop.turns().entered(who.peer());
        this.out = new ClientOutput(loop, channel);
        this.intake = new Intake(engine, channel);
        this.reader = new RequestReader(loop, engine.head(engine.settings()), this);
        this.stall = new WriteStall(engine, loop, channel);
        this.settings = engine.settings();
        this.handshakeJustDone = listener.tls();
        this.mayBeHttp2 = !listener.tls() && settings.http2OrDefault().enabled();
        this.first = mayBeHttp2 ? new PriorKnowledge() : null;
    }

    /** The connection is one of ours from here on: its first request is awaited. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        loop.clients().add(this);
        await(Phase.IDLE, settings.headTimeout().toNanos());
    }

    /**
     * BoringSSL sends nothing after a TLS 1.3 handshake, so the client's Finished waits for a delayed
     * ACK, and with Nagle on its first request with it: 40 ms. Asked for only when no request came
     * along, which is when it matters.
     */
    private void acknowledgeHandshake() {
        ChannelOption<Boolean> quickAck = engine.transport().quickAck();
        if (handshakeJustDone && quickAck != null && phase == Phase.IDLE) {
            channel.config().setOption(quickAck, true);
        }
        handshakeJustDone = false;
    }

    private void await(Phase next, long nanos) {
        phase = next;
        phaseBegan = loop.now();
        loop.wheel().set(deadline, phaseBegan, nanos);
    }

    // What comes.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        boolean itsTurn = loop.turns().begins(party);
        if (first != null) {
            in = first.with(in);
            switch (first.look(in)) {
                case UNDECIDED -> {
                    return;
                }
                case HTTP1 -> first = null;
                case HTTP2 -> {
                    first = null;
                    becomeHttp2(context, in);
                    return;
                }
            }
        }
        Tunnel through = tunnel;
        if (through != null) {
            through.fromClient(in);
        } else if (closing) {
            in.release();
        } else if (!intake.isEmpty()) {
            intake.addLast(in);
        } else if (itsTurn) {
            consume(in);
        } else {
            engine.fire(Limit.TURN_SHARE);
            intake.addLast(in);
            yieldTurn();
        }
    }

    /** The client knew beforehand that it may (RFC 9113 3.3). Takes the bytes over. */
    private void becomeHttp2(ChannelHandlerContext context, ByteBuf in) {
        loop.clients().remove(this);
        loop.wheel().remove(deadline);
        loop.turns().left(party);
        Http2Connection next = new Http2Connection(engine, loop, channel, who);
        context.pipeline().replace(this, null, next);
        next.channelRead(context, in);
    }

    /** Takes the bytes over: what can't be used yet is held. */
    private void consume(ByteBuf in) {
        consuming = true;
        try {
            while (in.isReadable() && !closing && tunnel == null) {
                if (reader.inBody()) {
                    reader.readBody(in);
                    announced();
                } else if (exchange == null && !out.congested() && hasTurn()) {
                    reader.readHead(in);
                } else {
                    break;
                }
            }
        } catch (RuntimeException e) {
            in.release();
            throw e;
        } finally {
            consuming = false;
        }
        Tunnel through = tunnel;
        if (closing || !in.isReadable()) {
            in.release();
        } else if (through != null) {
            through.fromClient(in);
        } else {
            intake.addFirst(in);
        }
    }

    /**
     * Whether the loop's other connections are not waiting for this one: answers of our own take no
     * time to wait for, so that a thousand pipelined requests would be worked off in one go.
     */
    private boolean hasTurn() {
        if (reader.hasHead()) {
            return true;
        }
        if (turn != loop.now()) {
            turn = loop.now();
            begunInTurn = 0;
        }
        if (begunInTurn < REQUESTS_PER_TURN) {
            begunInTurn++;
            return true;
        }
        yieldTurn();
        return false;
    }

    /** What is held waits for its turn. */
    private void yieldTurn() {
        if (!yielding) {
            yielding = true;
            loop.turns().await(party, channel, this::nextTurn);
        }
    }

    /** Goes on with a part of what is held. */
    private void nextTurn() {
        yielding = false;
        begunInTurn = 0;
        goOnOnce();
        if (!intake.isEmpty() && !closing && mayConsume()) {
            yieldTurn();
        }
    }

    /** A chunk that can't fit is refused by its size, before its data. */
    private void announced() {
        long ahead = reader.chunkLeft();
        Exchange current = exchange;
        if (ahead > 0 && current != null && !closing) {
            current.announced(ahead);
        }
    }

    /** Goes on with what was held, now that an exchange ended or the client takes output again. */
    private void goOn() {
        while (goOnOnce()) {
            // all that may
        }
    }

    private boolean goOnOnce() {
        if (intake.isEmpty() || consuming || closing || !mayConsume()) {
            return false;
        }
        ByteBuf next = intake.poll();
        if (next == null) {
            return false;
        }
        if (tunnel != null) {
            tunnel.fromClient(next);
        } else {
            consume(next);
        }
        return true;
    }

    private boolean mayConsume() {
        if (yielding) {
            return false;
        }
        return tunnel != null || reader.inBody() || (exchange == null && channel.isWritable());
    }

    @Override
    public void headBegins() {
        settings = engine.settings();
        await(Phase.HEAD, settings.headTimeout().toNanos());
    }

    @Override
    public void malformed(Fault fault) {
        refuse(fault);
    }

    @Override
    public void head(RequestHead current) {
        Generation generation = engine.generations().get();
        settings = generation == null ? Settings.DEFAULTS : generation.settings();
        Fault fault = current.interpret(settings.underscoresInHeaders());
        if (current.droppedUnderscores() > 0) {
            engine.counters().fire(Limit.UNDERSCORE_NAME, current.droppedUnderscores());
        }
        if (fault != null) {
            refuse(fault);
            return;
        }
        requests++;
        out.begin(current.minorVersion() == 1);
        expecting = current.expectsContinue();
        upgradeAsked = current.upgrade() >= 0;
        clientCloses = current.close();
        closeAfter = false;
        reader.begin(current);
        CanonicalRequest request = current.canonical();
        who.resolve(request, loop.trusted(settings.forwarding()));
        RequestId.give(request, loop.random());
        Exchange next = loop.exchange(this, request, settings, reader.headBegan());
        exchange = next;
        if (reader.inBody()) {
            clock.begin(loop.now());
            await(Phase.BODY, clock.patience(settings, engine.limits().client()));
        } else {
            phase = Phase.WAITING;
            loop.wheel().clear(deadline);
            next.requestEnd(null);
        }
        next.start(generation);
    }

    @Override
    public boolean receiving() {
        return !closing;
    }

    @Override
    public void bodyMalformed(Fault fault) {
        if (fault == Fault.CHUNK_OVERHEAD) {
            engine.fire(Limit.CHUNK_OVERHEAD);
        }
        Exchange current = exchange;
        if (current != null) {
            closeAfter = true;
            current.requestBroken(fault.status(), fault.text(), fault.reason());
        } else {
            closeGracefully();
        }
    }

    @Override
    public void bodyEnd(@Nullable Trailers trailers) {
        Exchange current = exchange;
        if (current != null) {
            phase = Phase.WAITING;
            loop.wheel().clear(deadline);
            current.requestEnd(trailers);
        } else {
            idle();
        }
    }

    @Override
    public void data(ByteBuf piece) {
        Exchange current = exchange;
        clock.data(piece.readableBytes(), loop.now());
        expecting = false;
        if (current != null) {
            current.requestData(piece);
            return;
        }
        drained += piece.readableBytes();
        piece.release();
        if (drained > engine.limits().client().drainBytes() && !closing) {
            engine.fire(Limit.BODY_DRAIN);
            closeGracefully();
        }
    }

    /** A head that can't be read: answered without an exchange; the connection's bytes make no sense. */
    private void refuse(Fault fault) {
        if (fault == Fault.NOT_HTTP && requests == 0 && mayBeHttp2) {
            // Perhaps a broken preface (RFC 9113 3.4): h2spec takes an answer in HTTP/1 for no
            // close.
            closeGracefully();
            return;
        }
        if (fault.size()) {
            engine.fire(Limit.HEAD_SIZE);
        }
        refuse(Answer.of(fault.status(), fault.text(), fault.reason()));
    }

    private void refuse(Answer answer) {
        ExchangeRecord record = new ExchangeRecord(NOBODY);
        record.begin(reader.headBegan(), out.written());
        record.requestData(reader.headBytes());
        closeAfter = true;
        out.begin(true);
        int body = out.answer(answer, null, settings, FieldEdits.NONE, true);
        record.status(answer.status());
        record.outcome(answer.reason());
        record.responseData(body);
        record.end(out.written(), loop.now());
        engine.sink().finished(record);
        closeGracefully(true); // whatever follows is thrown away
    }

    // What goes.

    @Override
    public ForwardedHeaders forwarded() {
        return who;
    }

    @Override
    public void informational(ResponseHead response) {
        if (out.informational(response) && response.status() == 100) {
            expecting = false;
        }
    }

    @Override
    public void respond(ResponseHead response, Settings byThese, FieldEdits edits) {
        closeAfter = closes() || upgradeAsked || (reader.inBody() && expecting);
        out.respond(response, byThese, edits, closeAfter);
    }

    private boolean closes() {
        if (requests >= settings.keepAliveRequests()) {
            engine.fire(Limit.REQUESTS_PER_CONNECTION);
            return true;
        }
        if (loop.now() - began >= engine.limits().entry().lifetime().toNanos()) {
            engine.fire(Limit.CONNECTION_LIFETIME);
            return true;
        }
        if (engine.overload().atLeast(Pressure.NO_KEEP_ALIVE)) {
            engine.fire(Limit.PRESSURE_KEEP_ALIVE);
            return true;
        }
        return closeAfter || clientCloses || settings.keepAlive().isZero() || engine.draining();
    }

    @Override
    public int answer(Answer answer, Settings byThese, FieldEdits edits) {
        Exchange current = exchange;
        Request request = current == null ? null : current.request();
        boolean tooMuch = reader.inBody() && (expecting || reader.left() > drainLimit());
        closeAfter = closes() || tooMuch || answer.status() == 408;
        return out.answer(answer, request, byThese, edits, closeAfter);
    }

    private long drainLimit() {
        return engine.limits().client().drainBytes();
    }

    @Override
    public void responseData(ByteBuf piece) {
        if (closing) {
            piece.release();
        } else {
            out.data(piece);
        }
    }

    @Override
    public void end(@Nullable Trailers trailers) {
        out.end(trailers != null && reader.acceptsTrailers() ? trailers : null);
    }

    @Override
    public void abort() {
        closing = true;
        out.cut();
    }

    @Override
    public boolean congested() {
        return out.congested();
    }

    @Override
    public void pauseRequest() {
        if (intake.pause()) {
            clock.pause();
        }
    }

    @Override
    public void resumeRequest() {
        intake.resume();
    }

    @Override
    public long written() {
        return out.written();
    }

    @Override
    public void tunnel(Tunnel through) {
        tunnel = through;
        loop.wheel().clear(deadline);
        intake.open();
        if (!consuming) {
            goOn();
        }
    }

    @Override
    public void exchangeDone() {
        Exchange done = exchange;
        exchange = null;
        if (done != null) {
            loop.reuse(done);
        }
        reader.release();
        if (closing || tunnel != null) {
            return;
        }
        resumeRequest();
        if (closeAfter) {
            closeGracefully();
            return;
        }
        if (reader.inBody()) {
            drained = 0;
            if (reader.left() > drainLimit() && reader.left() != Long.MAX_VALUE) {
                engine.fire(Limit.BODY_DRAIN);
                closeGracefully();
                return;
            }
            await(Phase.DRAIN, engine.limits().client().linger().toNanos());
        } else {
            idle();
        }
        goOn();
    }

    private void idle() {
        // Even when draining: a client that was not told of the end may have sent its next request.
        await(Phase.IDLE, settings.keepAlive().toNanos());
    }

    // The connection's end.

    @Override
    public boolean closeIfIdle(long nanos) {
        boolean idle =
                phase == Phase.IDLE
                        && exchange == null
                        && !reader.hasHead()
                        && intake.isEmpty()
                        && tunnel == null;
        if (idle && !closing && phaseBegan - nanos <= 0) {
            closing = true;
            channel.close();
            return true;
        }
        return false;
    }

    @Override
    public byte[] peer() {
        return who.peer();
    }

    @Override
    public long heldBytes() {
        Exchange current = exchange;
        return out.pending() + intake.bytes() + (current == null ? 0 : current.heldBytes());
    }

    @Override
    public void cut() {
        channel.close();
    }

    private void closeGracefully() {
        closeGracefully(reader.inBody() || !intake.isEmpty());
    }

    /** Closes after what was written; to a client that may be sending, in two steps. */
    private void closeGracefully(boolean sending) {
        if (closing) {
            return;
        }
        closing = true;
        reader.release();
        intake.release();
        intake.open();
        await(Phase.LINGER, engine.limits().client().writeStall().toNanos());
        if (sending) {
            long linger = engine.limits().client().linger().toNanos();
            out.shutdown(() -> await(Phase.LINGER, linger));
        } else {
            out.close();
        }
    }

    @Override
    public void closeTunnel() {
        closing = true;
        await(Phase.LINGER, engine.limits().client().writeStall().toNanos());
        out.close();
    }

    private void timedOut() {
        switch (phase) {
            case IDLE -> {
                engine.fire(Limit.KEEP_ALIVE_IDLE);
                closing = true;
                channel.close();
            }
            case HEAD -> {
                engine.fire(Limit.HEAD_TIME);
                refuse(Answer.of(408, "The request took too long.", "head-timeout"));
            }
            case BODY -> bodyTimedOut();
            case DRAIN -> {
                engine.fire(Limit.BODY_DRAIN);
                closeGracefully();
            }
            case LINGER -> {
                engine.fire(Limit.LINGER);
                channel.close();
            }
            case WAITING -> {}
        }
    }

    private void bodyTimedOut() {
        Exchange current = exchange;
        ProxyLimits.Client limits = engine.limits().client();
        boolean endless = current == null || current.bodyEndless();
        Limit limit = intake.paused() ? null : clock.check(loop.now(), settings, limits, endless);
        if (limit == null || current == null) {
            await(Phase.BODY, clock.patience(settings, limits));
            return;
        }
        engine.fire(limit);
        closeAfter = true;
        current.requestBroken(408, "The request took too long.", "body-timeout");
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (handshakeJustDone) {
            acknowledgeHandshake();
        }
        loop.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean writable = channel.isWritable();
        stall.writable(writable);
        if (!writable) {
            return;
        }
        Tunnel through = tunnel;
        Exchange current = exchange;
        if (through != null) {
            through.clientWritable();
        } else if (current != null) {
            current.clientWritable();
        } else if (!intake.isEmpty()) {
            loop.execute(this::goOn);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closing = true;
        loop.clients().remove(this);
        loop.wheel().remove(deadline);
        loop.turns().left(party);
        stall.end();
        if (first != null) {
            first.release();
            first = null;
        }
        intake.release();
        Tunnel through = tunnel;
        Exchange current = exchange;
        if (through != null) {
            through.clientClosed();
        } else if (current != null) {
            current.clientGone();
        }
        reader.release();
        loop.flush();
    }

    /** Resets, and TLS records that are none: nothing more to say on this connection. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        channel.close();
    }
}
