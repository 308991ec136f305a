package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.tls.HandshakeTurn;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;

/** TLS towards clients. */
public interface ServerTls {

    /**
     * The first handler of a new connection on a TLS listener. It fires an {@code
     * SslHandshakeCompletionEvent} and passes no byte before that. Called on the connection's event
     * loop.
     *
     * @param turn when it may compute
     */
    ChannelHandler newServerHandler(ByteBufAllocator allocator, HandshakeTurn turn);
}
