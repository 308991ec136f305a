package dev.fairway.dataplane.observe;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * What tells series apart. Only ever what the snapshot configures: nothing a client sends becomes a
 * label (attack ledger F11).
 *
 * @param host as configured: a name, {@code *.suffix}, or {@code *} for rules without a host
 */
record SeriesLabels(String host, String namespace, String ingress, String service) {

    /** Requests that met no route. */
    static final SeriesLabels NONE = new SeriesLabels("", "", "", "");

    /** By the identity of the snapshot's routes, which plans refer to. */
    static Map<Route, SeriesLabels> of(Snapshot snapshot) {
        Map<Route, SeriesLabels> labels = new IdentityHashMap<>();
        Map<SeriesLabels, SeriesLabels> once = new HashMap<>();
        for (VirtualHost host : snapshot.hosts()) {
            String name =
                    switch (host.host()) {
                        case HostMatch.Exact(String exact) -> exact;
                        case HostMatch.Wildcard(String suffix) -> "*." + suffix;
                        case HostMatch.Any() -> "*";
                    };
            for (Route route : host.routes()) {
                Route.Origin origin = route.origin();
                SeriesLabels made =
                        new SeriesLabels(
                                name, origin.namespace(), origin.ingress(), origin.service());
                SeriesLabels shared = once.putIfAbsent(made, made);
                labels.put(route, shared == null ? made : shared);
            }
        }
        return labels;
    }
}
