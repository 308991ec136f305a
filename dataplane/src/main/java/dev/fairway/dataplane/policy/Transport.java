package dev.fairway.dataplane.policy;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Policy.UpstreamTls;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint is reached. Part of a pool's identity, so equal transports share connections.
 */
public sealed interface Transport {

    Transport PLAIN = new Plain();

    record Plain() implements Transport {}

    /**
     * @param settings what the route asks for
     * @param serverName SNI and the name verified: the route's word, else the Service's DNS name
     * @param identity whose material is used; null: none
     * @param identityHash changes when the material is rotated, so that pools follow
     */
    record Tls(
            UpstreamTls settings, String serverName, @Nullable KeyId identity, String identityHash)
            implements Transport {}
}
