package dev.fairway.controller.compile;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Cidr;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Endpoints.Condition;
import dev.fairway.contract.Endpoints.EndpointSet;
import dev.fairway.controller.compile.Problem.Subject;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * All EndpointSlices of a Service → one set for each of its ports (KEP-752, KEP-1672). Ports are
 * joined by name, because every slice has its own target number; both families are merged.
 */
final class EndpointMerge {
    private static final List<Range> NOWHERE =
            ranges("0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/128", "ff00::/8");

    /** The node's own and the cloud's metadata: what a hand-made slice would reach for. */
    private static final List<Range> LOCAL =
            ranges("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10");

    /** A range whose bytes are at hand: every endpoint of the cluster is held against it. */
    private record Range(byte[] first, int prefix) {
        boolean contains(byte[] address) {
            if (address.length != first.length) {
                return false;
            }
            for (int bit = 0; bit < prefix; bit += 8) {
                int mask = prefix - bit >= 8 ? 0xff : 0xff00 >> (prefix - bit) & 0xff;
                if (((first[bit / 8] ^ address[bit / 8]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private static List<Range> ranges(String... texts) {
        return Arrays.stream(texts)
                .map(Cidr::parse)
                .map(cidr -> new Range(cidr.bytes(), cidr.prefix()))
                .toList();
    }

    private final Catalogue catalogue;
    private final boolean allowLocal;
    private final Problems problems;

    EndpointMerge(Catalogue catalogue, boolean allowLocal, Problems problems) {
        this.catalogue = catalogue;
        this.allowLocal = allowLocal;
        this.problems = problems;
    }

    Endpoints of(SortedSet<BackendId> backends) {
        List<EndpointSet> sets = new ArrayList<>();
        for (BackendId backend : backends) {
            sets.add(new EndpointSet(backend, endpoints(backend)));
        }
        return new Endpoints(sets);
    }

    private record Key(String address, int port) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byAddress = address.compareTo(other.address);
            return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
        }
    }

    private List<Endpoints.Endpoint> endpoints(BackendId backend) {
        Optional<Service> service = catalogue.service(backend.namespace(), backend.service());
        Optional<ServicePort> port =
                service.filter(s -> !"ExternalName".equals(s.getSpec().getType()))
                        .flatMap(s ->
                                Backends.tcpPorts(s).stream()
                                        .filter(p -> p.getPort() == backend.port())
                                        .findFirst());
        if (port.isEmpty()) {
            return List.of();
        }
        boolean unready =
                Boolean.TRUE.equals(service.get().getSpec().getPublishNotReadyAddresses());
        String portName = Optional.ofNullable(port.get().getName()).orElse("");
        TreeMap<Key, Condition> merged = new TreeMap<>();
        for (EndpointSlice slice : catalogue.slices(backend.namespace(), backend.service())) {
            if ("FQDN".equals(slice.getAddressType())) {
                continue; // deprecated, and never given a meaning
            }
            for (int target : targets(slice, portName)) {
                merge(slice, target, unready, merged);
            }
        }
        return merged.entrySet().stream()
                .map(e ->
                        new Endpoints.Endpoint(
                                e.getKey().address(), e.getKey().port(), e.getValue()))
                .toList();
    }

    private static List<Integer> targets(EndpointSlice slice, String portName) {
        return Optional.ofNullable(slice.getPorts()).orElse(List.of()).stream()
                .filter(p -> Optional.ofNullable(p.getName()).orElse("").equals(portName))
                .filter(p -> p.getProtocol() == null || p.getProtocol().equals("TCP"))
                .filter(p -> p.getPort() != null && p.getPort() > 0 && p.getPort() < 65536)
                .map(EndpointPort::getPort)
                .distinct()
                .toList();
    }

    private void merge(
            EndpointSlice slice, int target, boolean unready, TreeMap<Key, Condition> merged) {
        for (Endpoint endpoint : Optional.ofNullable(slice.getEndpoints()).orElse(List.of())) {
            Optional<Condition> condition =
                    condition(Optional.ofNullable(endpoint.getConditions()), unready);
            Optional<String> written =
                    Optional.ofNullable(endpoint.getAddresses())
                            .flatMap(a -> a.stream().findFirst());
            if (condition.isEmpty() || written.isEmpty()) {
                continue;
            }
            address(slice, written.get())
                    .ifPresent(address ->
                            merged.merge(
                                    new Key(address, target),
                                    condition.get(),
                                    (one, other) -> one == Condition.READY ? one : other));
        }
    }

    /**
     * Absent: takes nothing. Unset conditions count as ready, serving, not terminating. With {@code
     * publishNotReadyAddresses} a terminating endpoint stays ready; it drains like any other.
     */
    private static Optional<Condition> condition(
            Optional<EndpointConditions> conditions, boolean publishNotReady) {
        boolean ready = conditions.map(EndpointConditions::getReady).orElse(true);
        boolean serving = conditions.map(EndpointConditions::getServing).orElse(true);
        boolean terminating = conditions.map(EndpointConditions::getTerminating).orElse(false);
        if (terminating) {
            return serving ? Optional.of(Condition.DRAINING) : Optional.empty();
        }
        return ready && (serving || publishNotReady)
                ? Optional.of(Condition.READY)
                : Optional.empty();
    }

    /** The literal in its one form; absent when it must not be proxied to (A8). */
    private Optional<String> address(EndpointSlice slice, String written) {
        Optional<Cidr> literal = literal(written);
        boolean refused = literal.isEmpty() || refused(literal.get().bytes());
        if (refused) {
            problems.report(
                    ProblemCode.ENDPOINT_REFUSED,
                    new Subject("EndpointSlice", Catalogue.namespace(slice), Catalogue.name(slice)),
                    "endpoints",
                    "the address "
                            + Printable.quoted(written)
                            + " is none that may be proxied to; it is left out");
            return Optional.empty();
        }
        return literal.map(Cidr::address);
    }

    private boolean refused(byte[] address) {
        return in(NOWHERE, address) || (!allowLocal && in(LOCAL, address));
    }

    private static boolean in(List<Range> ranges, byte[] address) {
        for (Range range : ranges) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<Cidr> literal(String written) {
        try {
            return written.indexOf('/') >= 0 ? Optional.empty() : Optional.of(Cidr.parse(written));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
