package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.Locale;

/**
 * The making of one connection to a backend: TCP, then TLS where that is asked. Until it is up nothing
 * of ours is sent, and a byte of the backend's ends it (attack ledger B21). Afterwards the connection's
 * handler takes its place in the pipeline. Owned by its loop.
 */
final class Dial extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = System.getLogger(Dial.class.getName());

    /** Who waits for it. Exactly one call comes, unless it is cancelled. */
    interface Caller {

        /** The connection is up: {@code dial} is to be replaced by what speaks on it. */
        void up(Dial dial);

        void down(UpstreamFault fault);
    }

    private final Loop loop;
    private final Engine engine;
    private final Endpoint endpoint;
    private final Transport transport;
    private final Caller caller;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    engine.fire(handshaking ? Limit.UPSTREAM_HANDSHAKE_TIME : Limit.CONNECT_TIME);
                    fail(UpstreamFault.CONNECT_TIMEOUT);
                }
            };

    private Channel channel;
    private boolean handshaking;
    private boolean over;

    @SuppressWarnings("NullAway.Init") // channel is set by start, before any event
    private Dial(Loop loop, Engine engine, Endpoint endpoint, Transport transport, Caller caller) {
        this.loop = loop;
        this.engine = engine;
        this.endpoint = endpoint;
        this.transport = transport;
        this.caller = caller;
    }

    /** Begins to connect; the caller hears of the end later. */
    static Dial start(
            Loop loop,
            Engine engine,
            Endpoint endpoint,
            Transport transport,
            Duration connect,
            Caller caller) {
        Dial self = new Dial(loop, engine, endpoint, transport, caller);
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
                        .option(ChannelOption.RECVBUF_ALLOCATOR, loop.upstreamReceive())
                        .handler(self);
        ChannelFuture connecting = bootstrap.connect(endpoint.address());
        self.channel = connecting.channel();
        loop.wheel().set(self.deadline, loop.now(), connect.toNanos());
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                self.connected();
            } else {
                self.fail(UpstreamFault.UNREACHABLE);
            }
            loop.flush();
        });
        return self;
    }

    Channel channel() {
        return channel;
    }

    /** The caller wants it no more, and hears nothing more. */
    void cancel() {
        if (!over) {
            over = true;
            loop.wheel().remove(deadline);
            channel.close();
        }
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

    private void connected() {
        if (over) {
            channel.close();
        } else if (transport instanceof Transport.Tls) {
            handshaking = true;
            Duration handshake = engine.limits().upstream().handshake();
            loop.wheel().set(deadline, loop.now(), handshake.toNanos());
        } else {
            succeed();
        }
    }

    private void succeed() {
        if (!over) {
            over = true;
            loop.wheel().remove(deadline);
            caller.up(this);
        }
    }

    private void fail(UpstreamFault fault) {
        if (!over) {
            cancel();
            caller.down(fault);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                succeed();
            } else {
                fail(refused(handshake.cause()));
            }
            loop.flush();
        }
    }

    /** A backend may say by an alert that it speaks nothing of what was offered (RFC 7301 3.2). */
    private UpstreamFault refused(Throwable cause) {
        boolean protocol =
                String.valueOf(cause.getMessage())
                        .toUpperCase(Locale.ROOT)
                        .contains("NO_APPLICATION_PROTOCOL");
        return protocol && transport.protocol() == Transport.Protocol.HTTP2
                ? UpstreamFault.NOT_HTTP2
                : UpstreamFault.UNREACHABLE;
    }

    /** Bytes without a request: whatever they are, nobody asked. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
        engine.fire(Limit.UPSTREAM_STALE);
        fail(UpstreamFault.UNASKED);
        loop.flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(UpstreamFault.UNREACHABLE);
        loop.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(UpstreamFault.UNREACHABLE);
        loop.flush();
    }
}
