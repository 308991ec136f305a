package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.http1.BodyReader;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.HeadScanner;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 client connection: cuts requests out of what comes, one exchange at a time in order of
 * arrival, and writes responses. Pipelined bytes wait, up to a bound, until their turn.
 *
 * <pre>
 * HANDSHAKE ─▶ IDLE ─▶ HEAD ─▶ BODY ─▶ WAITING ─▶ IDLE …      (what its deadline is about)
 *                        └───────┴────────┴─▶ LINGER ─▶ closed
 * </pre>
 *
 * Owned by its event loop.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter
        implements ClientStream, BodyReader.Sink {
    private static final ExchangeRecord.Source NOBODY =
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

    private enum Phase {
        HANDSHAKE,
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
    private final BoundListener listener;
    private final Channel channel;
    private final ClientOutput out;
    private final HeldBytes held;
    private final BodyReader body = new BodyReader();
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    timedOut();
                }
            };
    private @Nullable Deadline stall;
    private @Nullable ForwardedHeaders forwarded;
    private Settings settings = Settings.DEFAULTS;
    private Phase phase;
    private long phaseBegan;
    private boolean counted;

    private @Nullable RequestHead head;
    private long headBegan;
    private @Nullable Exchange exchange;
    private boolean bodyOpen;
    private int requests;

    private final BodyClock clock = new BodyClock();
    private long drained;

    private boolean consuming;
    private boolean holdPaused;
    private boolean requestPaused;

    private boolean expecting;
    private boolean upgradeAsked;
    private boolean clientCloses;
    private boolean closeAfter;
    private boolean closing;
    private @Nullable Tunnel tunnel;
    private boolean handshakeJustDone;

    ClientConnection(Engine engine, Loop loop, BoundListener listener, Channel channel) {
        this.engine = engine;
        this.loop = loop;
        this.listener = listener;
        this.channel = channel;
        this.out = new ClientOutput(loop, channel);
        this.held = new HeldBytes(engine.limits().client().heldBytes());
        this.phase = listener.tls() ? Phase.HANDSHAKE : Phase.IDLE;
    }

    // The connection's beginning.

    @Override
    public void channelActive(ChannelHandlerContext context) {
        loop.clients().add(this);
        settings = engine.settings();
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        if (remote == null) {
            channel.close();
            return;
        }
        ForwardedHeaders who =
                new ForwardedHeaders(remote.getAddress(), listener.tls(), listener.publicPort());
        forwarded = who;
        if (!loop.trusted(settings.forwarding()).contains(who.peer())) {
            counted = engine.connections().entered(who.peer());
            if (!counted) {
                closing = true;
                channel.close();
                return;
            }
        }
        if (phase == Phase.HANDSHAKE) {
            await(Phase.HANDSHAKE, engine.limits().client().handshake().toNanos());
        } else {
            await(Phase.IDLE, settings.headTimeout().toNanos());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                handshakeJustDone = true;
                await(Phase.IDLE, settings.headTimeout().toNanos());
            } else {
                channel.close();
            }
        }
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
        phaseBegan = System.nanoTime();
        loop.wheel().set(deadline, phaseBegan, nanos);
    }

    // What comes.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        Tunnel through = tunnel;
        if (through != null) {
            through.fromClient(in);
        } else if (closing) {
            in.release();
        } else if (!held.isEmpty()) {
            held.addLast(in);
            pauseWhenFull();
        } else {
            consume(in);
        }
    }

    /** Takes the bytes over: what can't be used yet is held. */
    private void consume(ByteBuf in) {
        consuming = true;
        try {
            while (in.isReadable() && !closing && tunnel == null) {
                if (bodyOpen) {
                    readBody(in);
                } else if (exchange == null && !out.congested()) {
                    readHead(in);
                } else {
                    break;
                }
            }
        } finally {
            consuming = false;
        }
        Tunnel through = tunnel;
        if (closing || !in.isReadable()) {
            in.release();
        } else if (through != null) {
            through.fromClient(in);
        } else {
            held.addFirst(in);
            pauseWhenFull();
        }
    }

    private void pauseWhenFull() {
        if (held.full() && !holdPaused) {
            holdPaused = true;
            reading();
        }
    }

    /** Goes on with what was held, now that an exchange ended or the client takes output again. */
    private void goOn() {
        while (!held.isEmpty() && !consuming && !closing && mayConsume()) {
            ByteBuf next = held.poll();
            if (next == null) {
                holdPaused = false;
                reading();
            } else if (tunnel != null) {
                tunnel.fromClient(next);
            } else {
                consume(next);
            }
        }
    }

    private boolean mayConsume() {
        return tunnel != null || bodyOpen || (exchange == null && channel.isWritable());
    }

    private void readHead(ByteBuf in) {
        RequestHead current = head;
        if (current == null) {
            current = loop.requestHead();
            head = current;
            headBegan = System.nanoTime();
            settings = engine.settings();
            await(Phase.HEAD, settings.headTimeout().toNanos());
        }
        Fault fault = HeadScanner.read(current, in, engine.limits().client().head());
        if (fault != null) {
            refuse(fault);
        } else if (current.complete()) {
            headRead(current);
        }
    }

    private void headRead(RequestHead current) {
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
        body.begin(current.framing());
        bodyOpen = !body.ended();
        CanonicalRequest request = new CanonicalRequest(current);
        forwarded().resolve(request, loop.trusted(settings.forwarding()));
        request.id(RequestId.of(request.header("x-request-id"), loop.random()));
        Exchange next = new Exchange(engine, loop, this, request, settings, headBegan);
        exchange = next;
        if (bodyOpen) {
            clock.begin(System.nanoTime());
            await(Phase.BODY, clock.patience(settings, engine.limits().client()));
        } else {
            phase = Phase.WAITING;
            loop.wheel().clear(deadline);
            next.requestEnd();
        }
        next.start(generation);
    }

    private void readBody(ByteBuf in) {
        Fault fault = body.read(in, this);
        Exchange current = exchange;
        if (closing) {
            return;
        }
        if (fault != null) {
            if (current != null) {
                closeAfter = true;
                current.requestBroken(fault.status(), fault.text(), fault.reason());
            } else {
                closeGracefully();
            }
        } else if (body.ended()) {
            bodyOpen = false;
            if (current != null) {
                phase = Phase.WAITING;
                loop.wheel().clear(deadline);
                current.requestEnd();
            } else {
                idle();
            }
        }
    }

    @Override
    public void data(ByteBuf piece) {
        Exchange current = exchange;
        clock.data(piece.readableBytes(), System.nanoTime());
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
        boolean size = fault.status() == 431 || fault.status() == 414;
        if (size) {
            engine.fire(Limit.HEAD_SIZE);
        }
        refuse(Answer.of(fault.status(), fault.text(), fault.reason()));
    }

    private void refuse(Answer answer) {
        ExchangeRecord record = new ExchangeRecord(NOBODY, headBegan, out.written());
        RequestHead read = head;
        record.requestData(read == null ? 0 : read.length());
        closeAfter = true;
        bodyOpen = true; // whatever follows is thrown away
        out.begin(true);
        int body = out.answer(answer, null, settings, FieldEdits.NONE, true);
        record.status(answer.status());
        record.outcome(answer.reason());
        record.responseData(body);
        record.end(out.written());
        engine.sink().finished(record);
        closeGracefully();
    }

    // What goes.

    @Override
    public ForwardedHeaders forwarded() {
        ForwardedHeaders who = forwarded;
        if (who == null) {
            throw new IllegalStateException("not active yet");
        }
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
        closeAfter = closes() || upgradeAsked || (bodyOpen && expecting);
        out.respond(response, byThese, edits, closeAfter);
    }

    private boolean closes() {
        if (requests >= settings.keepAliveRequests()) {
            engine.fire(Limit.REQUESTS_PER_CONNECTION);
            return true;
        }
        return closeAfter || clientCloses || engine.draining();
    }

    @Override
    public int answer(Answer answer, Settings byThese, FieldEdits edits) {
        Exchange current = exchange;
        Request request = current == null ? null : current.request();
        boolean tooMuch = bodyOpen && (expecting || body.left() > drainLimit());
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
    public void end() {
        out.end();
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
        if (!requestPaused) {
            requestPaused = true;
            clock.pause();
            reading();
        }
    }

    @Override
    public void resumeRequest() {
        if (requestPaused) {
            requestPaused = false;
            reading();
        }
    }

    private void reading() {
        channel.config().setAutoRead(!(requestPaused || holdPaused));
    }

    void autoRead(boolean on) {
        channel.config().setAutoRead(on);
    }

    /** Takes the bytes over. */
    void tunnelOut(ByteBuf bytes) {
        out.raw(bytes);
    }

    @Override
    public long written() {
        return out.written();
    }

    @Override
    public void tunnel(Tunnel through) {
        tunnel = through;
        requestPaused = false;
        holdPaused = false;
        loop.wheel().clear(deadline);
        reading();
        if (!consuming) {
            goOn();
        }
    }

    @Override
    public void exchangeDone() {
        exchange = null;
        releaseHead();
        if (closing || tunnel != null) {
            return;
        }
        resumeRequest();
        if (closeAfter) {
            closeGracefully();
            return;
        }
        if (bodyOpen) {
            drained = 0;
            if (body.left() > drainLimit() && body.left() != Long.MAX_VALUE) {
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

    private void releaseHead() {
        RequestHead used = head;
        if (used != null) {
            head = null;
            loop.reuse(used);
        }
    }

    // The connection's end.

    /** Whether nothing has been under way since {@code nanos}; then it closes. */
    boolean closeIfIdle(long nanos) {
        boolean idle =
                phase == Phase.IDLE
                        && exchange == null
                        && head == null
                        && held.isEmpty()
                        && tunnel == null;
        if (idle && !closing && phaseBegan - nanos <= 0) {
            closing = true;
            channel.close();
            return true;
        }
        return false;
    }

    void cut() {
        channel.close();
    }

    /** Closes after what was written; to a client that may be sending, in two steps. */
    private void closeGracefully() {
        if (closing) {
            return;
        }
        closing = true;
        boolean sending = bodyOpen || !held.isEmpty();
        releaseHead();
        held.release();
        requestPaused = false;
        holdPaused = false;
        reading();
        await(Phase.LINGER, engine.limits().client().writeStall().toNanos());
        if (sending) {
            long linger = engine.limits().client().linger().toNanos();
            out.shutdown(() -> await(Phase.LINGER, linger));
        } else {
            out.close();
        }
    }

    void closeAfterWrites() {
        closing = true;
        await(Phase.LINGER, engine.limits().client().writeStall().toNanos());
        out.close();
    }

    private void timedOut() {
        switch (phase) {
            case HANDSHAKE -> {
                engine.fire(Limit.HANDSHAKE_TIME);
                channel.close();
            }
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
            case LINGER -> channel.close();
            case WAITING -> {}
        }
    }

    private void bodyTimedOut() {
        Exchange current = exchange;
        ProxyLimits.Client limits = engine.limits().client();
        Limit limit = requestPaused ? null : clock.check(System.nanoTime(), settings, limits);
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
        Deadline waiting = stall;
        if (!writable) {
            if (waiting == null) {
                waiting = stallDeadline();
                stall = waiting;
            }
            long nanos = engine.limits().client().writeStall().toNanos();
            loop.wheel().set(waiting, System.nanoTime(), nanos);
            return;
        }
        if (waiting != null) {
            loop.wheel().clear(waiting);
        }
        Tunnel through = tunnel;
        Exchange current = exchange;
        if (through != null) {
            through.clientWritable();
        } else if (current != null) {
            current.clientWritable();
        } else if (!held.isEmpty()) {
            loop.execute(this::goOn);
        }
    }

    private Deadline stallDeadline() {
        return new Deadline() {
            @Override
            void expired() {
                engine.fire(Limit.WRITE_STALL);
                channel.close();
            }
        };
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closing = true;
        loop.clients().remove(this);
        loop.wheel().remove(deadline);
        Deadline waiting = stall;
        if (waiting != null) {
            loop.wheel().remove(waiting);
        }
        ForwardedHeaders who = forwarded;
        if (counted && who != null) {
            engine.connections().left(who.peer());
        }
        held.release();
        Tunnel through = tunnel;
        Exchange current = exchange;
        if (through != null) {
            through.clientClosed();
        } else if (current != null) {
            current.clientGone();
        }
        releaseHead();
        loop.flush();
    }

    /** Resets, and TLS records that are none: nothing more to say on this connection. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        channel.close();
    }
}
