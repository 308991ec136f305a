package dev.fairway.dataplane.policy;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Policy.UpstreamTls;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint is reached. Part of a pool's identity, so equal transports share connections.
 */
public sealed interface Transport {

    Transport PLAIN = new Plain(Protocol.HTTP1);

    Protocol protocol();

    /** What is spoken. */
    enum Protocol {
        HTTP1,
        /** By prior knowledge; over TLS, ALPN has to choose it. */
        HTTP2,
        /** As {@link #HTTP2}, but that over TLS the endpoint may choose HTTP/1.1. */
        HTTP2_PREFERRED
    }

    record Plain(Protocol protocol) implements Transport {}

    /**
     * @param settings what the route asks for
     * @param serverName SNI and the name verified: the route's word, else the Service's DNS name
     * @param identity whose material is used; null: none
     * @param identityHash changes when the material is rotated, so that pools follow
     */
    record Tls(
            UpstreamTls settings,
            String serverName,
            @Nullable KeyId identity,
            String identityHash,
            Protocol protocol)
            implements Transport {}
}
