package dev.fairway.dataplane.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ClientHello, bounded in size and time, and puts the SslHandler of the right identity in
 * its own place. On the connection's loop.
 */
final class ServerHandshake extends AbstractSniHandler<@Nullable SslContext> {

    // Fatal alerts (RFC 8446 6).
    private static final byte UNRECOGNIZED_NAME = 112;
    private static final byte NO_APPLICATION_PROTOCOL = 120;

    /** Real ones are below 2 KiB, with post-quantum shares too; 16 MiB is what the field allows. */
    private static final int CLIENT_HELLO_BYTES = 16 << 10;

    private final Supplier<CertificateTable> certificates;
    private final TlsOutcomes outcomes;
    private final HandshakeTurn turn;

    /** Waits for its turn; null: it did not come to that. */
    private @Nullable Promise<@Nullable SslContext> waits;

    /** What the client offers in ALPN; null: it does not use it, and is taken for HTTP/1.1. */
    private @Nullable List<String> offered;

    private @Nullable ClientTrust trust;

    /**
     * @param certificates the active table
     */
    ServerHandshake(
            Supplier<CertificateTable> certificates,
            Duration timeout,
            TlsOutcomes outcomes,
            HandshakeTurn turn) {
        super(CLIENT_HELLO_BYTES, timeout.toMillis());
        this.certificates = certificates;
        this.outcomes = outcomes;
        this.turn = turn;
    }

    @Override
    protected Future<@Nullable SslContext> lookup(
            ChannelHandlerContext ctx, @Nullable ByteBuf clientHello) throws Exception {
        offered = OfferedProtocols.of(clientHello);
        return super.lookup(ctx, clientHello);
    }

    @Override
    protected Future<@Nullable SslContext> lookup(
            ChannelHandlerContext ctx, @Nullable String serverName) {
        Promise<@Nullable SslContext> found = ctx.executor().newPromise();
        waits = found;
        turn.take(() -> complete(found, serverName));
        return found;
    }

    private void complete(Promise<@Nullable SslContext> found, @Nullable String serverName) {
        if (found.isDone()) {
            return; // gone
        }
        try {
            found.setSuccess(retained(serverName));
        } catch (SSLException e) {
            found.setFailure(e);
        }
    }

    /** Whoever leaves before its turn leaves its ClientHello, too. */
    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        Promise<@Nullable SslContext> unfinished = waits;
        if (unfinished != null) {
            unfinished.cancel(false);
        }
        super.handlerRemoved0(ctx);
    }

    private @Nullable SslContext retained(@Nullable String serverName) throws SSLException {
        while (true) {
            ServerIdentity identity = certificates.get().find(serverName);
            if (identity == null) {
                return null;
            }
            SslContext context = identity.context().retain();
            if (context != null) {
                trust = identity.trust();
                return context;
            }
            // Retired between the two reads: the table is another one now.
            Thread.onSpinWait();
        }
    }

    @Override
    protected void onLookupComplete(
            ChannelHandlerContext ctx,
            @Nullable String serverName,
            Future<@Nullable SslContext> found) {
        if (found.isCancelled()) {
            return;
        }
        SslContext context = found.getNow();
        if (context == null) {
            outcomes.refusedName();
            refuse(ctx, UNRECOGNIZED_NAME);
            return;
        }
        List<String> offer = offered;
        if (offer != null
                && Collections.disjoint(
                        offer, context.applicationProtocolNegotiator().protocols())) {
            ReferenceCountUtil.release(context);
            outcomes.handshake(false);
            refuse(ctx, NO_APPLICATION_PROTOCOL);
            return;
        }
        SslHandler handler = null;
        try {
            ctx.channel().attr(ClientTrust.ASKED).set(trust);
            handler = context.newHandler(ctx.alloc());
            handler.setHandshakeTimeoutMillis(handshakeTimeoutMillis);
            handler.handshakeFuture().addListener(done -> outcomes.handshake(done.isSuccess()));
            ctx.pipeline().replace(this, null, handler);
            handler = null;
        } finally {
            if (handler != null) {
                // Never got into the pipeline, which would have released its engine.
                ReferenceCountUtil.safeRelease(handler.engine());
            }
            ReferenceCountUtil.release(context);
        }
    }

    /** Answers with a fatal alert, in a record of its own. */
    private void refuse(ChannelHandlerContext ctx, byte description) {
        byte[] record = {21, 3, 3, 0, 2, 2, description};
        ByteBuf alert = ctx.alloc().buffer(record.length).writeBytes(record);
        ctx.writeAndFlush(alert).addListener(ChannelFutureListener.CLOSE);
        // In our place, or the ClientHello would go on to whoever reads requests.
        ctx.pipeline().replace(this, null, new Discarded());
    }

    /** Swallows what a refused client sends until its connection is closed. */
    private static final class Discarded extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }
}
