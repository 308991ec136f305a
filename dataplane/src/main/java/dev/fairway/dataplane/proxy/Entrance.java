package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Settings.ProxyProtocol;
import dev.fairway.dataplane.tls.ClientTrust;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The first steps of a client connection: whose it is, whether there is room for it, its TLS handshake.
 * Then it gives its place in the pipeline to the protocol that is spoken.
 *
 * <pre>
 * accepted ─▶ PROXY header, if one must come ─▶ counted by address ─▶ handshake (TLS, ALPN) ─▶ {@link ClientConnection} or {@link Http2Connection}
 * </pre>
 *
 * Owned by its event loop.
 */
final class Entrance extends ChannelInboundHandlerAdapter implements Downstream {
    private final Engine engine;
    private final Loop loop;
    private final BoundListener listener;
    private final Channel channel;
    private final Seat seat;
    private @Nullable ForwardedHeaders who;
    private Connections.@Nullable Source source;
    private boolean gone;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    engine.fire(who == null ? Limit.PROXY_HEADER_TIME : Limit.HANDSHAKE_TIME);
                    channel.close();
                }
            };

    Entrance(Engine engine, Loop loop, BoundListener listener, Channel channel, Seat seat) {
        this.engine = engine;
        this.loop = loop;
        this.listener = listener;
        this.channel = channel;
        this.seat = seat;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        if (remote == null) {
            channel.close(); // gone already
            return;
        }
        loop.clients().add(this);
        Settings settings = engine.settings();
        ProxyProtocol proxy = settings.proxyProtocol().orElse(null);
        if (proxy == null) {
            known(context, own(remote));
        } else if (loop.introducers(proxy)
                .contains(Cidr.unmapped(remote.getAddress().getAddress()))) {
            Duration patience = proxy.headerTimeout().orElse(ProxyProtocol.HEADER_TIMEOUT);
            loop.wheel().set(deadline, System.nanoTime(), patience.toNanos());
            context.pipeline()
                    .addFirst(
                            new ProxyHeaderReader(
                                    header -> introduced(context, header, own(remote))));
        } else {
            engine.fire(Limit.PROXY_HEADER_UNTRUSTED);
            channel.close();
        }
    }

    private ForwardedHeaders own(InetSocketAddress remote) {
        return ForwardedHeaders.direct(remote.getAddress(), listener.tls(), listener.publicPort());
    }

    /**
     * As in ingress-nginx, a client that came to the balancer's port 443 came by https, even where the
     * balancer ended its TLS.
     */
    private void introduced(
            ChannelHandlerContext context, ProxyHeader header, ForwardedHeaders own) {
        switch (header) {
            case ProxyHeader.Incomplete() -> throw new IllegalArgumentException("not complete");
            case ProxyHeader.Malformed() -> {
                engine.fire(Limit.PROXY_HEADER);
                channel.close();
            }
            case ProxyHeader.Own(int size) -> known(context, own);
            case ProxyHeader.Client client ->
                    known(
                            context,
                            ForwardedHeaders.introduced(
                                    client.source(),
                                    listener.tls() || client.destinationPort() == 443,
                                    listener.publicPort()));
        }
    }

    /** Trusted proxies speak for many, so they are not counted by address. */
    private void known(ChannelHandlerContext context, ForwardedHeaders client) {
        who = client;
        boolean trusted = loop.trusted(engine.settings().forwarding()).contains(client.peer());
        if (!trusted && !seat.claim(client.peer())) {
            channel.close();
        } else if (listener.tls()) {
            source = Connections.Source.of(client.peer());
            begin();
            context.pipeline()
                    .addBefore(
                            context.name(),
                            null,
                            engine.serverTls()
                                    .newServerHandler(
                                            channel.alloc(),
                                            ready -> loop.handshakes().ready(this, ready)));
        } else {
            enter(context, client);
        }
    }

    private void begin() {
        Duration patience = engine.limits().entry().handshake();
        loop.wheel().set(deadline, System.nanoTime(), patience.toNanos());
        loop.handshakes().begun(this);
    }

    /** Whose handshake it is. */
    Connections.Source source() {
        return Objects.requireNonNull(source);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        ForwardedHeaders client = who;
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess() && client != null) {
                enter(context, client);
            } else {
                refused(handshake.cause());
            }
        } else if (event instanceof SniCompletionEvent hello && !hello.isSuccess()) {
            refused(hello.cause());
        }
    }

    /** Netty's handlers have clocks of their own, as long as ours: whichever is first is counted. */
    private void refused(@Nullable Throwable cause) {
        if (!channel.isActive() || gone) {
            return;
        }
        if (cause instanceof SslHandshakeTimeoutException) {
            engine.fire(Limit.HANDSHAKE_TIME);
        } else if (cause instanceof TooLongFrameException) {
            engine.fire(Limit.CLIENT_HELLO_SIZE);
        }
        gone();
        channel.close();
    }

    private void enter(ChannelHandlerContext context, ForwardedHeaders client) {
        gone();
        SslHandler tls = context.pipeline().get(SslHandler.class);
        ClientTrust asked = channel.attr(ClientTrust.ASKED).get();
        if (tls != null && asked != null) {
            client.proven(asked.proof(tls.engine().getSession()));
        }
        boolean http2 = tls != null && "h2".equals(tls.applicationProtocol());
        context.pipeline()
                .replace(
                        this,
                        null,
                        http2
                                ? new Http2Connection(engine, loop, channel, client)
                                : new ClientConnection(engine, loop, listener, channel, client));
    }

    /** Nothing comes before the handshake's end; what came anyway would be nobody's. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }

    /** One that is about to ask is not idle. */
    @Override
    public boolean closeIfIdle(long nanos) {
        return false;
    }

    @Override
    public byte[] peer() {
        ForwardedHeaders client = who;
        return client == null ? new byte[0] : client.peer();
    }

    @Override
    public long heldBytes() {
        return 0;
    }

    @Override
    public void cut() {
        channel.close();
    }

    private void gone() {
        gone = true;
        loop.wheel().remove(deadline);
        if (source != null) {
            loop.handshakes().ended(this);
        }
        loop.clients().remove(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        gone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        channel.close();
    }
}
