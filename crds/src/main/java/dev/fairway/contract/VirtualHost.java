package dev.fairway.contract;

import java.util.List;
import java.util.Optional;

/**
 * One host's routes <em>in order of precedence: the first that matches wins</em>. The data plane may
 * index them, but must answer as the ordered list would. A default backend is a last route with
 * {@link PathMatch.Any}; without one, what matches nothing is answered 404. A request whose host has
 * a virtual host never falls through to another one.
 *
 * @param clientCertificates what holds before any route is looked for; absent: none are asked for
 */
public record VirtualHost(
        HostMatch host, List<Route> routes, Optional<ClientCertificates> clientCertificates) {
    public VirtualHost {
        routes = List.copyOf(routes);
    }

    public VirtualHost(HostMatch host, List<Route> routes) {
        this(host, routes, Optional.empty());
    }
}
