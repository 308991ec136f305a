package dev.fairway.dataplane.proxy;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import org.jspecify.annotations.Nullable;

/**
 * The place of one open connection in {@link Connections}, given back when its channel closes. Owned by
 * the channel's loop.
 */
final class Seat implements ChannelFutureListener {
    private final Connections connections;
    private Connections.@Nullable Source source;

    Seat(Connections connections) {
        this.connections = connections;
    }

    /**
     * Counts the connection as this address's, once it is known whose it is.
     *
     * @return false: the address has as many as it may
     */
    boolean claim(byte[] address) {
        Connections.Source of = Connections.Source.of(address);
        if (!connections.entered(of)) {
            return false;
        }
        source = of;
        return true;
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
        Connections.Source of = source;
        if (of != null) {
            connections.left(of);
        }
        connections.closed();
    }
}
