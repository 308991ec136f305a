package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;

/** TLS towards backends. */
public interface UpstreamTls {

    /**
     * The first handler of a new connection to {@code endpoint}. Called on the connection's event
     * loop; must not block.
     *
     * @throws RuntimeException when the key material is not there: the attempt fails
     */
    SslHandler newUpstreamHandler(
            Transport.Tls transport, Endpoint endpoint, ByteBufAllocator allocator);
}
