package dev.fairway.dataplane;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A TLS 1.3 client without TCP_NODELAY. */
final class NagleClient {
    private NagleClient() {}

    /** From the request, written just after the handshake, to the first byte back. */
    static Duration firstAnswer(InetSocketAddress server, String host) throws Exception {
        SslContext tls =
                SslContextBuilder.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm(null)
                        .protocols("TLSv1.3")
                        .build();
        CompletableFuture<Duration> answer = new CompletableFuture<>();
        MultiThreadIoEventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, false)
                    .handler(
                            new ChannelInitializer<Channel>() {
                                @Override
                                protected void initChannel(Channel channel) {
                                    channel.pipeline()
                                            .addLast(tls.newHandler(channel.alloc(), host, 443))
                                            .addLast(new Asking(host, answer));
                                }
                            })
                    .connect(server)
                    .sync();
            return answer.get(5, TimeUnit.SECONDS);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static final class Asking extends SimpleChannelInboundHandler<ByteBuf> {
        private final String host;
        private final CompletableFuture<Duration> answer;
        private long asked;

        Asking(String host, CompletableFuture<Duration> answer) {
            this.host = host;
            this.answer = answer;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent) {
                // In a segment of its own, after the one with our Finished.
                ctx.executor().schedule(() -> ask(ctx), 2, TimeUnit.MILLISECONDS);
            }
        }

        private void ask(ChannelHandlerContext ctx) {
            asked = System.nanoTime();
            ctx.writeAndFlush(
                    Unpooled.copiedBuffer(
                            "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
                            StandardCharsets.US_ASCII));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
            answer.complete(Duration.ofNanos(System.nanoTime() - asked));
            ctx.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            answer.completeExceptionally(cause);
        }
    }
}
