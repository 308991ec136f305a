package dev.fairway.contract;

import java.util.List;

/**
 * One host's routes <em>in order of precedence: the first that matches wins</em>. The data plane may
 * index them, but must answer as the ordered list would. A default backend is a last route with
 * {@link PathMatch.Any}; without one, what matches nothing is answered 404. A request whose host has
 * a virtual host never falls through to another one.
 */
public record VirtualHost(HostMatch host, List<Route> routes) {
    public VirtualHost {
        routes = List.copyOf(routes);
    }
}
