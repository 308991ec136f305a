package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings.Forwarding;
import dev.fairway.dataplane.policy.AddressSet;

/**
 * Whose forwarded headers are believed, compiled from the settings: the contract's ranges are text,
 * which is nothing to parse per request. Immutable.
 */
final class TrustedPeers {
    private final Forwarding forwarding;
    private final AddressSet ranges;

    TrustedPeers(Forwarding forwarding) {
        this.forwarding = forwarding;
        this.ranges = new AddressSet(forwarding.trusted());
    }

    Forwarding forwarding() {
        return forwarding;
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /**
     * @param address 4 or 16 bytes, never IPv4-mapped
     */
    boolean contains(byte[] address) {
        return ranges.contains(address);
    }
}
