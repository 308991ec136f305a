package dev.fairway.echo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The HTTP/2 port: by prior knowledge, or by ALPN where there is a certificate. One Netty loop. */
final class Http2Server {
    private final MultiThreadIoEventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private @Nullable Channel listener;

    private Http2Server() {}

    static Http2Server start(Settings settings, Answers answers)
            throws IOException, GeneralSecurityException {
        var certificate = settings.certificate();
        var key = settings.key();
        SSLContext tls =
                certificate == null || key == null ? null : PemIdentity.context(certificate, key);
        var server = new Http2Server();
        server.listener =
                new ServerBootstrap()
                        .group(server.loop)
                        .channel(NioServerSocketChannel.class)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        server.begin(channel, settings, answers, tls);
                                    }
                                })
                        .bind(settings.bind(), settings.http2Port())
                        .syncUninterruptibly()
                        .channel();
        return server;
    }

    private void begin(
            Channel channel, Settings settings, Answers answers, @Nullable SSLContext tls) {
        connections.add(channel);
        if (tls != null) {
            var engine = tls.createSSLEngine();
            engine.setUseClientMode(false);
            var parameters = engine.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            engine.setSSLParameters(parameters);
            channel.pipeline().addLast(new SslHandler(engine));
        }
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forServer().build(),
                        new Http2MultiplexHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel stream) {
                                        stream.pipeline()
                                                .addLast(new Http2Stream(settings, answers));
                                    }
                                }));
    }

    /** GOAWAY, then streams may end. */
    void drain(Duration grace) {
        var listening = listener;
        if (listening != null) {
            listening.close();
        }
        connections.close().awaitUninterruptibly(grace.toMillis());
        loop.shutdownGracefully();
    }
}
