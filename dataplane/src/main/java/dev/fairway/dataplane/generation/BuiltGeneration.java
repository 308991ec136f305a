package dev.fairway.dataplane.generation;

import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.dataplane.policy.RoutePlan;
import dev.fairway.dataplane.route.RouteTable;
import dev.fairway.dataplane.tls.CertificateTable;
import org.jspecify.annotations.Nullable;

/**
 * A generation in full.
 *
 * @param snapshot what it was built from, for the admin pages and the listeners
 */
public record BuiltGeneration(
        long epoch,
        long sequence,
        Snapshot snapshot,
        RouteTable<RoutePlan> routes,
        CertificateTable certificates)
        implements Generation {

    @Override
    public Settings settings() {
        return snapshot.settings();
    }

    @Override
    public @Nullable RoutePlan route(byte[] host, int hostLength, byte[] path, int pathLength) {
        return routes.match(host, hostLength, path, pathLength);
    }

    /** The same tables under a newer name: only endpoints changed. */
    BuiltGeneration at(long newEpoch, long newSequence) {
        return new BuiltGeneration(newEpoch, newSequence, snapshot, routes, certificates);
    }
}
