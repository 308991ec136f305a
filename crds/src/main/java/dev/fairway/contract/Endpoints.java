package dev.fairway.contract;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where every backend is right now; sorted by backend, one set for each. */
public record Endpoints(List<EndpointSet> sets) {
    public static final Endpoints NONE = new Endpoints(List.of());

    public Endpoints {
        sets = List.copyOf(sets);
        Set<BackendId> seen = new HashSet<>();
        for (EndpointSet set : sets) {
            Valid.that(seen.add(set.backend()), "two endpoint sets for %s", set.backend());
        }
    }

    /**
     * @param backend whose endpoints these are
     * @param endpoints sorted by address and port, each once
     */
    public record EndpointSet(BackendId backend, List<Endpoint> endpoints) {
        public EndpointSet {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * @param address an IPv4 or IPv6 literal without brackets
     * @param port the target port
     * @param condition whether it takes new requests (discovery.k8s.io/v1 conditions, KEP-1672)
     */
    public record Endpoint(String address, int port, Condition condition) {
        public Endpoint {
            Valid.name(address, "endpoint address");
            Valid.port(port, "endpoint port");
        }
    }

    public enum Condition {
        /** Takes new requests. */
        READY,
        /** Serving and terminating: only used when no endpoint is ready, or for a kept session. */
        DRAINING
    }
}
