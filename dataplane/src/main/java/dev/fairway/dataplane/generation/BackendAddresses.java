package dev.fairway.dataplane.generation;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Endpoints.EndpointSet;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which addresses may be proxied to. */
public enum BackendAddresses {
    /** On a laptop, backends are on loopback. */
    ANY,
    /**
     * In a cluster, loopback leads to this pod's admin port and link-local to the cloud's metadata
     * (attack ledger A15): neither is ever a backend.
     */
    OTHER_HOSTS;

    Endpoints allowed(Endpoints endpoints) {
        return switch (this) {
            case ANY -> endpoints;
            case OTHER_HOSTS ->
                    new Endpoints(
                            endpoints.sets().stream()
                                    .map(set ->
                                            new EndpointSet(
                                                    set.backend(),
                                                    set.endpoints().stream()
                                                            .filter(e -> other(e.address()))
                                                            .toList()))
                                    .toList());
        };
    }

    /** The newer sets, and the older ones of backends that the newer ones do not name. */
    static Endpoints union(Endpoints older, Endpoints newer) {
        Set<Object> named = new HashSet<>();
        newer.sets().forEach(set -> named.add(set.backend()));
        List<EndpointSet> sets = new ArrayList<>(newer.sets());
        older.sets().stream().filter(set -> !named.contains(set.backend())).forEach(sets::add);
        return new Endpoints(sets);
    }

    private static boolean other(String literal) {
        try {
            InetAddress address = InetAddress.ofLiteral(literal);
            return !address.isLoopbackAddress()
                    && !address.isLinkLocalAddress()
                    && !address.isAnyLocalAddress()
                    && !address.isMulticastAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
