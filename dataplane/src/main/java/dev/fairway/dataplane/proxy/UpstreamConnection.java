package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.http1.ChunkWriter;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.policy.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.lang.System.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a backend, with one request outstanding at most. Turns its channel's events into
 * calls on the exchange that has it.
 *
 * <pre>
 * CONNECTING ─▶ BUSY ⇄ IDLE (in the pool)
 *               BUSY ─▶ DISCARDING (an unwanted response's rest) ─▶ IDLE
 *               BUSY ─▶ TUNNEL
 *               any  ─▶ CLOSED
 * </pre>
 *
 * Owned by the loop of the exchange's client.
 */
final class UpstreamConnection extends ChannelInboundHandlerAdapter
        implements ResponseReader.Receiver {
    private static final Logger LOG = System.getLogger(UpstreamConnection.class.getName());
    private static final long DISCARD_NANOS = 2_000_000_000L;

    /** Shorter idle times are covered by the loop's own events: a system call would cost 4 %. */
    private static final long CHECKED_AFTER_NANOS = 1_000_000;

    private enum State {
        CONNECTING,
        BUSY,
        IDLE,
        DISCARDING,
        TUNNEL,
        CLOSED
    }

    private final Loop loop;
    private final Engine engine;
    private final Endpoint endpoint;
    private final Transport transport;
    private final ResponseReader response;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    timedOut();
                }
            };

    private Channel channel;
    private Outlet outlet;
    private State state = State.CONNECTING;
    private @Nullable Delivery owner;
    private @Nullable Tunnel tunnel;
    private boolean reused;
    private boolean paused;
    private boolean responseBegun;
    private boolean requestChunked;
    private boolean requestSent;
    private long discarded;
    private long idleSince;
    private long readNanos;
    private long sendNanos;

    @SuppressWarnings("NullAway.Init") // channel and outlet are set by connect, before any event
    private UpstreamConnection(
            Loop loop, Engine engine, Endpoint endpoint, Transport transport, Delivery owner) {
        this.loop = loop;
        this.engine = engine;
        this.endpoint = endpoint;
        this.transport = transport;
        this.owner = owner;
        this.response = new ResponseReader(loop, engine.limits().upstream().head(), this);
    }

    /** Begins to connect; the owner hears of the end. */
    static UpstreamConnection connect(
            Loop loop, Engine engine, Endpoint endpoint, Transport transport, Delivery owner) {
        UpstreamConnection self = new UpstreamConnection(loop, engine, endpoint, transport, owner);
        ProxyLimits.Client water = engine.limits().client();
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loop.executor())
                        .channel(engine.transport().client())
                        .disableResolver()
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(water.lowWater(), water.highWater()))
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new AdaptiveRecvByteBufAllocator(1024, 4096, 256 * 1024))
                        .handler(self);
        ChannelFuture connecting = bootstrap.connect(endpoint.address());
        self.channel = connecting.channel();
        self.outlet = new Outlet(self.channel, loop);
        loop.wheel().set(self.deadline, System.nanoTime(), owner.timeouts().connect().toNanos());
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                self.connectionUp();
            } else {
                self.fail(Retry.On.ERROR, Endpoint.Result.CONNECT_FAILED);
            }
            loop.flush();
        });
        return self;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (transport instanceof Transport.Tls tls) {
            try {
                SslHandler handler =
                        engine.upstreamTls()
                                .newUpstreamHandler(tls, endpoint, context.channel().alloc());
                handler.setHandshakeTimeoutMillis(0);
                context.pipeline().addFirst(handler);
            } catch (RuntimeException e) {
                LOG.log(Logger.Level.WARNING, "no TLS to " + endpoint + ": " + e);
                context.channel().close(); // and so the attempt to connect fails
            }
        }
    }

    private void connectionUp() {
        if (state != State.CONNECTING) {
            channel.close();
        } else if (transport instanceof Transport.Tls) {
            loop.wheel()
                    .set(
                            deadline,
                            System.nanoTime(),
                            engine.limits().upstream().handshake().toNanos());
        } else {
            ready();
        }
    }

    private void ready() {
        Delivery delivery = owner;
        if (state == State.CONNECTING && delivery != null) {
            loop.wheel().clear(deadline);
            delivery.connected(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                ready();
            } else {
                fail(Retry.On.ERROR, Endpoint.Result.CONNECT_FAILED);
            }
            loop.flush();
        }
    }

    // What the exchange says.

    /** Gives the connection to an exchange for one request. */
    void begin(Delivery delivery, boolean headRequest, boolean chunked) {
        reused = state == State.IDLE;
        state = State.BUSY;
        owner = delivery;
        response.begin(headRequest);
        responseBegun = false;
        requestChunked = chunked;
        requestSent = false;
        readNanos = delivery.timeouts().read().toNanos();
        sendNanos = delivery.timeouts().send().toNanos();
    }

    void requestHead(ByteBuf bytes) {
        outlet.write(bytes);
    }

    /** Takes the piece over. */
    void requestData(ByteBuf piece) {
        if (!piece.isReadable() || state != State.BUSY) {
            piece.release();
            return;
        }
        if (requestChunked) {
            outlet.write(ChunkWriter.start(channel.alloc(), piece.readableBytes()));
            outlet.write(piece);
            outlet.write(ChunkWriter.end());
        } else {
            outlet.write(piece);
        }
    }

    /** The request is written in full: from now on the backend is to answer. */
    void requestEnd() {
        if (state != State.BUSY || requestSent) {
            return;
        }
        if (requestChunked) {
            outlet.write(ChunkWriter.last());
        }
        requestSent = true;
        awaitRead();
    }

    boolean congested() {
        return outlet.congested();
    }

    private void awaitRead() {
        if (!paused && requestSent) {
            loop.wheel().set(deadline, System.nanoTime(), readNanos);
        }
    }

    /** The client is slower than the backend. */
    void pause() {
        if (!paused && state == State.BUSY) {
            paused = true;
            channel.config().setAutoRead(false);
            loop.wheel().clear(deadline);
        }
    }

    void resume() {
        if (paused) {
            paused = false;
            channel.config().setAutoRead(true);
            awaitRead();
        }
    }

    /** Whether a byte of the response to the current request has come. */
    boolean responseBegun() {
        return responseBegun;
    }

    /** Whether it had served another request before. */
    boolean reused() {
        return reused;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Transport transport() {
        return transport;
    }

    long idleSince() {
        return idleSince;
    }

    Outlet outlet() {
        return outlet;
    }

    void tunnel(Tunnel through) {
        detach();
        state = State.TUNNEL;
        tunnel = through;
    }

    void autoRead(boolean on) {
        channel.config().setAutoRead(on);
    }

    /** The exchange has what it wanted. */
    void release() {
        if (state == State.BUSY || state == State.DISCARDING) {
            detach();
            if (response.persistent()
                    && requestSent
                    && endpoint.state() == Endpoint.State.READY
                    && !engine.draining()
                    && channel.isActive()) {
                resume();
                state = State.IDLE;
                idleSince = System.nanoTime();
                loop.pool().put(this);
            } else {
                close();
            }
        }
    }

    /** The exchange wants nothing of this response: what is short is read to save the connection. */
    void discard() {
        if (state != State.BUSY) {
            return;
        }
        if (response.ended()) {
            release();
        } else if (!requestSent
                || !response.persistent()
                || (response.left() > engine.limits().client().drainBytes()
                        && response.left() != Long.MAX_VALUE)) {
            close();
        } else {
            detach();
            state = State.DISCARDING;
            discarded = 0;
            resume();
            loop.wheel().set(deadline, System.nanoTime(), DISCARD_NANOS);
        }
    }

    void close() {
        State was = state;
        detach();
        state = State.CLOSED;
        if (was == State.CONNECTING
                || was == State.BUSY
                || was == State.DISCARDING
                || was == State.TUNNEL) {
            loop.pool().gone();
        }
        if (was != State.CLOSED) {
            loop.wheel().remove(deadline);
            channel.close();
        }
    }

    /** Ends a tunnel once the client's last bytes are out, or have not gone for too long. */
    void closeAfterWrites() {
        if (state == State.CLOSED) {
            return;
        }
        detach();
        state = State.CLOSED;
        loop.pool().gone();
        long stall = engine.limits().client().writeStall().toNanos();
        loop.wheel().set(deadline, System.nanoTime(), stall);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> channel.close());
    }

    private void detach() {
        owner = null;
        tunnel = null;
        loop.wheel().clear(deadline);
        response.release();
    }

    /**
     * Whether nothing has come since it was put away: an end, a reset or a stray byte would belong to
     * the next request (attack ledger B20).
     */
    boolean alive(long now) {
        if (!channel.isActive() || endpoint.state() != Endpoint.State.READY) {
            return false;
        }
        if (now - idleSince < CHECKED_AFTER_NANOS || !(channel instanceof UnixChannel unix)) {
            return true;
        }
        try {
            return unix.fd().read(loop.probe(), 0, 1) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    // What the channel says.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        Tunnel through = tunnel;
        if (through != null) {
            through.fromUpstream(in);
            return;
        }
        try {
            read(in);
        } finally {
            in.release();
        }
    }

    private void read(ByteBuf in) {
        if (state == State.IDLE || state == State.CONNECTING) {
            engine.fire(Limit.UPSTREAM_STALE);
            unusable();
            return;
        }
        responseBegun = true;
        response.read(in);
        if (state == State.BUSY) {
            awaitRead();
        }
    }

    /** Bytes without a request: whatever they are, nobody asked. */
    private void unusable() {
        if (state == State.IDLE) {
            loop.pool().remove(this);
            close();
        } else {
            fail(Retry.On.INVALID_HEADER, Endpoint.Result.BROKEN);
        }
    }

    @Override
    public boolean receiving() {
        return state == State.BUSY || state == State.DISCARDING;
    }

    @Override
    public void informational(ResponseHead head) {
        Delivery delivery = owner;
        if (delivery != null) {
            delivery.informational(head);
        }
    }

    @Override
    public void switching(ResponseHead head, ByteBuf rest) {
        Delivery delivery = owner;
        if (delivery != null && delivery.switches(head)) {
            delivery.switched(head, rest.retain());
        } else {
            malformed();
        }
    }

    @Override
    public void head(ResponseHead head) {
        Delivery delivery = owner;
        if (delivery != null) {
            delivery.responseHead(head);
        }
    }

    @Override
    public void malformed() {
        fail(Retry.On.INVALID_HEADER, Endpoint.Result.BROKEN);
    }

    @Override
    public void data(ByteBuf piece) {
        Delivery delivery = owner;
        if (delivery != null) {
            delivery.responseData(piece);
            return;
        }
        discarded += piece.readableBytes();
        piece.release();
        if (discarded > engine.limits().client().drainBytes()) {
            close();
        }
    }

    @Override
    public void end() {
        Delivery delivery = owner;
        if (delivery == null) {
            release();
        } else {
            delivery.responseEnd();
        }
    }

    private void fail(Retry.On on, Endpoint.Result result) {
        Delivery delivery = owner;
        boolean mine = state == State.BUSY || state == State.CONNECTING;
        close();
        if (mine && delivery != null) {
            delivery.failed(this, on, result);
        }
    }

    private void timedOut() {
        switch (state) {
            case CONNECTING -> {
                engine.fire(Limit.CONNECT_TIME);
                fail(Retry.On.TIMEOUT, Endpoint.Result.CONNECT_FAILED);
            }
            case BUSY -> {
                engine.fire(requestSent ? Limit.UPSTREAM_READ_IDLE : Limit.UPSTREAM_SEND_IDLE);
                fail(Retry.On.TIMEOUT, Endpoint.Result.TIMED_OUT);
            }
            case DISCARDING -> close();
            case CLOSED -> channel.close();
            case IDLE, TUNNEL -> {}
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        loop.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean writable = channel.isWritable();
        Tunnel through = tunnel;
        Delivery delivery = owner;
        if (through != null) {
            if (writable) {
                through.upstreamWritable();
            }
        } else if (state == State.BUSY && delivery != null) {
            if (writable) {
                loop.wheel().clear(deadline);
                awaitRead();
                delivery.writable();
            } else {
                loop.wheel().set(deadline, System.nanoTime(), sendNanos);
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        loop.wheel().remove(deadline);
        Tunnel through = tunnel;
        if (through != null) {
            through.upstreamClosed();
        } else if (state == State.IDLE) {
            loop.pool().remove(this);
            close();
        } else if (state == State.BUSY && response.endsWithConnection()) {
            end();
        } else {
            fail(Retry.On.ERROR, Endpoint.Result.BROKEN);
        }
        loop.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Tunnel through = tunnel;
        if (through != null) {
            through.upstreamClosed();
        } else if (state == State.IDLE) {
            loop.pool().remove(this);
            close();
        } else {
            fail(
                    Retry.On.ERROR,
                    state == State.CONNECTING
                            ? Endpoint.Result.CONNECT_FAILED
                            : Endpoint.Result.BROKEN);
        }
        loop.flush();
    }
}
