package dev.fairway.dataplane.generation;

import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hosts that ask for client certificates get a last route for whatever matches nothing: it, too, is
 * answered only to clients that may know.
 */
final class AskingHosts {
    private final Map<Route, ClientCertificates> asked = new IdentityHashMap<>();
    private final List<VirtualHost> hosts;

    AskingHosts(List<VirtualHost> all) {
        hosts = all.stream().map(this::whole).toList();
    }

    List<VirtualHost> hosts() {
        return hosts;
    }

    Optional<ClientCertificates> of(Route route) {
        return Optional.ofNullable(asked.get(route));
    }

    private VirtualHost whole(VirtualHost host) {
        if (host.clientCertificates().isEmpty()) {
            return host;
        }
        // copies: hosts may share a route's object
        List<Route> routes = new ArrayList<>();
        for (Route r : host.routes()) {
            routes.add(new Route(r.id(), r.origin(), r.path(), r.action(), r.policies()));
        }
        if (routes.stream().noneMatch(r -> r.path() instanceof PathMatch.Any)) {
            routes.add(
                    new Route(
                            "no-route",
                            new Route.Origin("", "", "", ""),
                            new PathMatch.Any(),
                            new Route.Action.Answer(404),
                            List.of()));
        }
        routes.forEach(r -> asked.put(r, host.clientCertificates().get()));
        return new VirtualHost(host.host(), routes, host.clientCertificates());
    }
}
