package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.policy.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a backend, with one request outstanding at most. Turns its channel's
 * events into calls on the delivery that has it.
 *
 * <pre>
 * FRESH ─▶ BUSY ⇄ IDLE (in the pool)
 *          BUSY ─▶ DISCARDING (an unwanted response's rest) ─▶ IDLE
 *          BUSY ─▶ HANDED_OVER (to a tunnel)
 *          any  ─▶ CLOSED
 * </pre>
 *
 * Owned by the loop of the exchange's client.
 */
final class UpstreamHttp1Connection extends ChannelInboundHandlerAdapter
        implements UpstreamStream, ResponseReader.Receiver {
    private static final long DISCARD_NANOS = 2_000_000_000L;

    /** To ask costs a system call, 4 % of a request: not done for what the loop's own events cover. */
    private static final long CHECKED_AFTER_NANOS = 5_000_000;

    private enum State {
        FRESH,
        BUSY,
        IDLE,
        DISCARDING,
        HANDED_OVER,
        CLOSED
    }

    private final Loop loop;
    private final Engine engine;
    private final Endpoint endpoint;
    private final Transport transport;
    private final Channel channel;
    private final Outlet outlet;
    private final ResponseReader response;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    timedOut();
                }
            };

    private State state = State.FRESH;
    private @Nullable Delivery owner;
    private boolean reused;
    private boolean paused;
    private boolean responseBegun;
    private boolean requestChunked;
    private boolean requestSent;
    private long discarded;
    private long idleSince;
    private long readNanos;
    private long sendNanos;

    UpstreamHttp1Connection(
            Loop loop, Engine engine, Endpoint endpoint, Transport transport, Channel channel) {
        this.loop = loop;
        this.engine = engine;
        this.endpoint = endpoint;
        this.transport = transport;
        this.channel = channel;
        this.outlet = Outlet.single(channel, loop);
        this.response = new ResponseReader(loop, engine.limits().upstream().head(), this);
    }

    // What the delivery says.

    @Override
    public void begin(Delivery delivery, boolean headRequest, boolean chunked) {
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

    @Override
    public void requestHead(HeadWriter head, boolean whole) {
        outlet.write(head);
    }

    @Override
    public void requestData(ByteBuf piece) {
        if (!piece.isReadable() || state != State.BUSY) {
            piece.release();
            return;
        }
        if (requestChunked) {
            outlet.writeChunk(piece);
        } else {
            outlet.write(piece);
        }
    }

    @Override
    public void requestEnd(@Nullable Trailers trailers) {
        if (state != State.BUSY || requestSent) {
            return;
        }
        if (requestChunked) {
            outlet.writeLastChunk(trailers);
        }
        requestSent = true;
        awaitRead();
    }

    @Override
    public boolean congested() {
        return outlet.congested();
    }

    private void awaitRead() {
        if (!paused && requestSent) {
            loop.wheel().set(deadline, loop.now(), readNanos);
        }
    }

    @Override
    public void pause() {
        if (!paused && state == State.BUSY) {
            paused = true;
            channel.config().setAutoRead(false);
            loop.wheel().clear(deadline);
        }
    }

    @Override
    public void resume() {
        if (paused) {
            paused = false;
            channel.config().setAutoRead(true);
            awaitRead();
        }
    }

    @Override
    public boolean responseBegun() {
        return responseBegun;
    }

    @Override
    public boolean reused() {
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

    @Override
    public boolean mayTunnel() {
        return true;
    }

    @Override
    public void requestTunnel(HeadWriter head) {
        requestHead(head, true);
    }

    @Override
    public TunnelEnd becomeTunnel() {
        detach();
        loop.wheel().remove(deadline);
        state = State.HANDED_OVER;
        UpstreamTunnel end = new UpstreamTunnel(loop, engine, channel, outlet);
        channel.pipeline().replace(this, null, end.handler());
        return end;
    }

    /** Waits in the pool for its first request: whom it was made for has another. */
    void park() {
        if (state == State.FRESH) {
            keep();
        }
    }

    private void keep() {
        if (endpoint.state() == Endpoint.State.READY && !engine.draining() && channel.isActive()) {
            state = State.IDLE;
            idleSince = loop.now();
            loop.pool().put(this);
        } else {
            close();
        }
    }

    @Override
    public void release() {
        if (state == State.BUSY || state == State.DISCARDING) {
            detach();
            if (response.persistent() && requestSent) {
                resume();
                keep();
            } else {
                close();
            }
        }
    }

    /** What is short is read, to save the connection. */
    @Override
    public void discard() {
        if (state != State.BUSY) {
            return;
        }
        if (response.ended()) {
            release();
        } else if (!requestSent || !response.persistent()) {
            close();
        } else if (response.left() > engine.limits().client().drainBytes()
                && response.left() != Long.MAX_VALUE) {
            undrained();
        } else {
            detach();
            state = State.DISCARDING;
            discarded = 0;
            resume();
            loop.wheel().set(deadline, loop.now(), DISCARD_NANOS);
        }
    }

    @Override
    public void close() {
        State was = state;
        if (was == State.CLOSED || was == State.HANDED_OVER) {
            return;
        }
        detach();
        state = State.CLOSED;
        if (was != State.IDLE) {
            loop.pool().gone();
        }
        loop.wheel().remove(deadline);
        channel.close();
    }

    private void detach() {
        owner = null;
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
        long silent = Math.max(idleSince, loop.clock().deliveredUntil());
        if (now - silent < CHECKED_AFTER_NANOS || !(channel instanceof UnixChannel unix)) {
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
        try {
            read(in);
        } finally {
            in.release();
        }
    }

    private void read(ByteBuf in) {
        if (state == State.IDLE || state == State.FRESH) {
            // Bytes without a request: whatever they are, nobody asked.
            engine.fire(Limit.UPSTREAM_STALE);
            lost();
            return;
        }
        responseBegun = true;
        response.read(in);
        if (state == State.BUSY) {
            awaitRead();
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
            delivery.switched(head, this, rest.retain());
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
        fail(UpstreamFault.MALFORMED);
    }

    @Override
    public void tooLarge() {
        engine.fire(Limit.UPSTREAM_HEAD_SIZE);
        malformed();
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
            undrained();
        }
    }

    private void undrained() {
        engine.fire(Limit.UPSTREAM_DRAIN);
        close();
    }

    @Override
    public void end(@Nullable Trailers trailers) {
        Delivery delivery = owner;
        if (delivery == null) {
            release();
        } else {
            delivery.responseEnd(trailers);
        }
    }

    private void fail(UpstreamFault fault) {
        Delivery delivery = owner;
        boolean mine = state == State.BUSY;
        close();
        if (mine && delivery != null) {
            delivery.failed(this, fault);
        }
    }

    private void timedOut() {
        switch (state) {
            case BUSY -> {
                engine.fire(requestSent ? Limit.UPSTREAM_READ_IDLE : Limit.UPSTREAM_SEND_IDLE);
                fail(UpstreamFault.TIMED_OUT);
            }
            case DISCARDING -> undrained();
            case FRESH, IDLE, HANDED_OVER, CLOSED -> {}
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        loop.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Delivery delivery = owner;
        if (state != State.BUSY || delivery == null) {
            return;
        }
        if (channel.isWritable()) {
            loop.wheel().clear(deadline);
            awaitRead();
            delivery.writable();
        } else {
            loop.wheel().set(deadline, loop.now(), sendNanos);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        loop.wheel().remove(deadline);
        if (state == State.BUSY && response.endsWithConnection()) {
            end(null);
        } else {
            lost();
        }
        loop.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        lost();
        loop.flush();
    }

    private void lost() {
        if (state == State.IDLE) {
            loop.pool().remove(this);
            close();
        } else {
            fail(UpstreamFault.BROKEN);
        }
    }
}
