package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy;
import dev.fairway.dataplane.balance.Backend;
import dev.fairway.dataplane.balance.Balancing;
import dev.fairway.dataplane.balance.Chance;
import dev.fairway.dataplane.balance.Selection;
import dev.fairway.dataplane.balance.StickySessions;
import dev.fairway.dataplane.message.Request;
import org.jspecify.annotations.Nullable;

/**
 * A backend and how a request finds its endpoint there: affinity beats a hash beats load balancing.
 *
 * @param plain shared by all requests
 */
record Target(
        Backend backend,
        Transports transports,
        Selection plain,
        Policy.@Nullable HashBy hash,
        @Nullable StickySessions sessions,
        Interpolation interpolation,
        Chance chance) {

    Selection select(Request request) {
        if (sessions != null) {
            return sessions.select(request);
        }
        if (hash != null) {
            String key = interpolation.fill(hash.key(), request);
            return Balancing.hashed(backend, key, hash.subsetSize(), chance);
        }
        return plain;
    }

    boolean owns(Request request) {
        return sessions != null && sessions.owns(request);
    }
}
