package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP/1 connection to a backend becomes with its 101. Owned by its
 * loop.
 */
final class UpstreamTunnel extends ChannelInboundHandlerAdapter implements TunnelEnd {
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

    /** Null once the tunnel has ended, or this end has. */
    private @Nullable Tunnel tunnel;

    private boolean closed;

    UpstreamTunnel(Loop loop, Engine engine, Channel channel, Outlet outlet) {
        this.loop = loop;
        this.engine = engine;
        this.channel = channel;
        this.outlet = outlet;
    }

    @Override
    public void open(Tunnel through) {
        tunnel = through;
    }

    @Override
    public void write(ByteBuf bytes) {
        outlet.write(bytes);
    }

    @Override
    public boolean congested() {
        return outlet.congested();
    }

    @Override
    public void autoRead(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    public void close() {
        if (end()) {
            channel.close();
        }
    }

    @Override
    public void closeAfterWrites() {
        if (end()) {
            long patience = engine.limits().client().writeStall().toNanos();
            loop.wheel().set(stall, loop.now(), patience);
            outlet.flush();
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> channel.close());
        }
    }

    private boolean end() {
        tunnel = null;
        boolean first = !closed;
        if (first) {
            closed = true;
            loop.pool().gone();
        }
        return first;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        Tunnel through = tunnel;
        if (through == null) {
            in.release();
        } else {
            through.fromUpstream(in);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        loop.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        Tunnel through = tunnel;
        if (through != null && channel.isWritable()) {
            through.upstreamWritable();
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
        Tunnel through = tunnel;
        if (through != null) {
            through.upstreamClosed();
        } else {
            close();
        }
        loop.flush();
    }
}
