package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** What an HTTP/1 connection to a backend becomes with its 101. Owned by its loop. */
final class UpstreamTunnel extends TunnelEnd {
    private final Loop loop;
    private final Engine engine;
    private final Channel channel;
    private final Outlet outlet;
    private final Deadline stall =
            new Deadline() {
                @Override
                void expired() {
                    channel.close();
                }
            };

    private boolean closed;

    UpstreamTunnel(Loop loop, Engine engine, Channel channel, Outlet outlet) {
        this.loop = loop;
        this.engine = engine;
        this.channel = channel;
        this.outlet = outlet;
    }

    @Override
    void write(ByteBuf bytes) {
        outlet.write(bytes);
    }

    @Override
    boolean congested() {
        return outlet.congested();
    }

    @Override
    void autoRead(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    void end() {
        if (!closed) {
            gone();
            channel.close();
        }
    }

    @Override
    void endAfterWrites() {
        if (!closed) {
            gone();
            long patience = engine.limits().client().writeStall().toNanos();
            loop.wheel().set(stall, loop.now(), patience);
            outlet.flush();
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> channel.close());
        }
    }

    private void gone() {
        closed = true;
        loop.pool().gone();
    }

    /** What the channel says from now on. */
    ChannelHandler handler() {
        return new Handler();
    }

    private final class Handler extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            came((ByteBuf) message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            loop.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (channel.isWritable()) {
                writable();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            loop.wheel().remove(stall);
            broken();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            broken();
        }

        private void broken() {
            ended();
            loop.flush();
        }
    }
}
