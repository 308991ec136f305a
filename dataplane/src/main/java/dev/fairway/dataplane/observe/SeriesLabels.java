package dev.fairway.dataplane.observe;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
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

    /**
     * By the identity of the snapshot's routes, which plans refer to.
     *
     * @param before those of the snapshot before; what a route had there it keeps
     */
    static Map<Route, SeriesLabels> of(Snapshot snapshot, Map<Route, SeriesLabels> before) {
        Map<Route, SeriesLabels> labels = new IdentityHashMap<>(before.size());
        for (VirtualHost host : snapshot.hosts()) {
            String name =
                    switch (host.host()) {
                        case HostMatch.Exact(String exact) -> exact;
                        case HostMatch.Wildcard(String suffix) -> "*." + suffix;
                        case HostMatch.Any() -> "*";
                    };
            SeriesLabels last = NONE;
            for (Route route : host.routes()) {
                SeriesLabels known = before.get(route);
                SeriesLabels made =
                        known != null && known.host.equals(name) ? known : of(name, route.origin());
                // A host's routes are mostly of one object: they share their labels.
                last = made.equals(last) ? last : made;
                labels.put(route, last);
            }
        }
        return labels;
    }

    private static SeriesLabels of(String host, Route.Origin origin) {
        return new SeriesLabels(host, origin.namespace(), origin.ingress(), origin.service());
    }
}
