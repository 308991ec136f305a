package dev.fairway.dataplane.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import org.jspecify.annotations.Nullable;

/** What moves the bytes. */
public enum TransportKind {
    EPOLL,
    /** As good as epoll in measurements; many container runtimes forbid it. */
    IO_URING,
    NIO;

    /** This kind where the machine has it, else NIO. */
    public TransportKind available() {
        return switch (this) {
            case EPOLL -> Epoll.isAvailable() ? EPOLL : NIO;
            case IO_URING -> IoUring.isAvailable() ? IO_URING : NIO;
            case NIO -> NIO;
        };
    }

    IoHandlerFactory handlers() {
        return switch (this) {
            case EPOLL -> EpollIoHandler.newFactory();
            case IO_URING -> IoUringIoHandler.newFactory();
            case NIO -> NioIoHandler.newFactory();
        };
    }

    /**
     * Keeps what its client has not been sent yet with us, where it is counted, instead of in the
     * kernel, which would take megabytes for each client that takes nothing. What is under way is not
     * counted, so no download is slower.
     */
    void boundUnsent(ServerBootstrap bootstrap, int bytes) {
        if (this == EPOLL) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) bytes);
        }
    }

    Class<? extends ServerChannel> server() {
        return switch (this) {
            case EPOLL -> EpollServerSocketChannel.class;
            case IO_URING -> IoUringServerSocketChannel.class;
            case NIO -> NioServerSocketChannel.class;
        };
    }

    Class<? extends Channel> client() {
        return switch (this) {
            case EPOLL -> EpollSocketChannel.class;
            case IO_URING -> IoUringSocketChannel.class;
            case NIO -> NioSocketChannel.class;
        };
    }

    /** Sends a pending ACK at once; null where that can't be asked for. */
    @Nullable ChannelOption<Boolean> quickAck() {
        return switch (this) {
            case EPOLL -> EpollChannelOption.TCP_QUICKACK;
            case IO_URING -> io.netty.channel.uring.IoUringChannelOption.TCP_QUICKACK;
            case NIO -> null;
        };
    }
}
