package dev.fairway.dataplane.route;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Host and path to a route. An exact host beats a wildcard, a wildcard beats the rule without host,
 * and a host that is known never falls through to another, whatever its paths say. Immutable; no
 * allocation unless the host has a regex that has to be asked.
 *
 * @param <T> what a route compiles to
 */
public final class RouteTable<T> {
    private final ByteTable<PathTable<T>> exact;

    /** By suffix, without the star and its dot. */
    private final ByteTable<PathTable<T>> wildcards;

    private final @Nullable PathTable<T> any;

    /**
     * @param hosts at most one for each host match
     * @param compile called once for each route, in order
     * @throws IllegalArgumentException when a path pattern is not RE2 syntax
     */
    public RouteTable(List<VirtualHost> hosts, Function<Route, T> compile) {
        Map<String, PathTable<T>> names = new HashMap<>();
        Map<String, PathTable<T>> suffixes = new HashMap<>();
        PathTable<T> everywhere = null;
        for (VirtualHost host : hosts) {
            PathTable<T> paths = new PathTable<>(host.routes(), compile);
            switch (host.host()) {
                case HostMatch.Exact(String name) -> names.put(name, paths);
                case HostMatch.Wildcard(String suffix) -> suffixes.put(suffix, paths);
                case HostMatch.Any() -> everywhere = paths;
            }
        }
        exact = new ByteTable<>(names);
        wildcards = new ByteTable<>(suffixes);
        any = everywhere;
    }

    /**
     * @param host canonical: lower case, without port and trailing dot
     * @param path canonical, without query
     * @return null when no route matches
     */
    public @Nullable T match(byte[] host, int hostLength, byte[] path, int pathLength) {
        PathTable<T> paths = paths(host, hostLength);
        return paths == null ? null : paths.match(path, pathLength);
    }

    private @Nullable PathTable<T> paths(byte[] host, int length) {
        PathTable<T> paths = exact.get(host, 0, length);
        if (paths != null) {
            return paths;
        }
        int label = firstLabel(host, length);
        if (label > 0 && label < length && host[label] == '.') {
            paths = wildcards.get(host, label + 1, length);
        }
        return paths == null ? any : paths;
    }

    /** How many bytes of {@code [A-Za-z0-9_-]} the host begins with, as ingress-nginx's pattern. */
    private static int firstLabel(byte[] host, int length) {
        int i = 0;
        while (i < length && inLabel(host[i])) {
            i++;
        }
        return i;
    }

    private static boolean inLabel(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= '0' && b <= '9')
                || (b >= 'A' && b <= 'Z')
                || b == '-'
                || b == '_';
    }
}
