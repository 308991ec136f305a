package dev.fairway.dataplane.generation;

import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.dataplane.policy.LiveState;
import dev.fairway.dataplane.policy.PlanCompiler;
import dev.fairway.dataplane.policy.RoutePlan;
import dev.fairway.dataplane.route.PathTable;
import dev.fairway.dataplane.route.RouteTable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From hosts to the table that finds their routes. A host that is the very object it was the last time is
 * not compiled again, unless it was made from key material and there is other now: compiled routes are
 * immutable, and what they refer to outlives generations. Owned by the loader's thread.
 */
final class CompiledHosts {
    private static final int HTTPS_PORT = 443;

    private final LiveState live;
    private Map<VirtualHost, Compiled> last = new IdentityHashMap<>();
    private @Nullable Keys keys;
    private int port;

    /**
     * @param keyed whether key material was asked for
     */
    private record Compiled(PathTable<RoutePlan> paths, boolean keyed) {}

    CompiledHosts(LiveState live) {
        this.live = live;
    }

    /**
     * @param material the very object it was the last time when it is the same
     * @throws IllegalArgumentException when a path pattern is not RE2 syntax
     */
    RouteTable<RoutePlan> table(Snapshot snapshot, Keys material) {
        int https = httpsPort(snapshot.listeners());
        boolean same = keys == material;
        Map<VirtualHost, Compiled> known = port == https ? last : Map.of();
        Map<VirtualHost, Compiled> next = new IdentityHashMap<>(snapshot.hosts().size());
        PlanCompiler compiler = new PlanCompiler(live, material, https);
        RouteTable<RoutePlan> table =
                new RouteTable<>(
                        snapshot.hosts(),
                        host -> {
                            Compiled compiled = known.get(host);
                            if (compiled == null || (compiled.keyed() && !same)) {
                                compiled = compile(host, compiler);
                            }
                            next.put(host, compiled);
                            return compiled.paths();
                        });
        last = next;
        keys = material;
        port = https;
        return table;
    }

    private static Compiled compile(VirtualHost host, PlanCompiler compiler) {
        compiler.forgetKeyed();
        Optional<ClientCertificates> asked = host.clientCertificates();
        PathTable<RoutePlan> paths =
                new PathTable<>(routes(host), route -> compiler.compile(route, asked));
        return new Compiled(paths, compiler.keyed());
    }

    /**
     * Hosts that ask for client certificates get a last route for whatever matches nothing: it, too, is
     * answered only to clients that may know.
     */
    private static List<Route> routes(VirtualHost host) {
        if (host.clientCertificates().isEmpty()
                || host.routes().stream().anyMatch(r -> r.path() instanceof PathMatch.Any)) {
            return host.routes();
        }
        List<Route> routes = new ArrayList<>(host.routes());
        routes.add(
                new Route(
                        "no-route",
                        new Route.Origin("", "", "", ""),
                        new PathMatch.Any(),
                        new Route.Action.Answer(404),
                        List.of()));
        return routes;
    }

    private static int httpsPort(List<Listener> listeners) {
        return listeners.stream()
                .filter(listener -> listener.protocol() == Listener.Protocol.HTTPS)
                .mapToInt(Listener::publicPort)
                .findFirst()
                .orElse(HTTPS_PORT);
    }
}
