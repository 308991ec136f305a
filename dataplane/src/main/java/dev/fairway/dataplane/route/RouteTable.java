package dev.fairway.dataplane.route;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.VirtualHost;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
    private static final int EXACT = 1;

    /** By suffix, without the star and its dot. */
    private static final int WILDCARD = 2;

    private final ByteTable names;

    /** By the numbers of their hosts. */
    private final PathTable<?>[] tables;

    private final @Nullable PathTable<T> any;

    /**
     * @param hosts at most one for each host match
     * @param paths a host's routes; called once for each host, in order
     */
    public RouteTable(List<VirtualHost> hosts, Function<VirtualHost, PathTable<T>> paths) {
        names = new ByteTable(hosts.size());
        PathTable<T> everywhere = null;
        tables = new PathTable<?>[hosts.size()];
        for (int i = 0; i < tables.length; i++) {
            PathTable<T> table = paths.apply(hosts.get(i));
            tables[i] = table;
            switch (hosts.get(i).host()) {
                case HostMatch.Exact(String name) -> names.add(EXACT, bytes(name), i);
                case HostMatch.Wildcard(String suffix) -> names.add(WILDCARD, bytes(suffix), i);
                case HostMatch.Any() -> everywhere = table;
            }
        }
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

    @SuppressWarnings("unchecked")
    private @Nullable PathTable<T> paths(byte[] host, int length) {
        int found = names.get(EXACT, host, 0, length);
        if (found == ByteTable.NONE) {
            int label = firstLabel(host, length);
            if (label > 0 && label < length && host[label] == '.') {
                found = names.get(WILDCARD, host, label + 1, length);
            }
        }
        return found == ByteTable.NONE ? any : (PathTable<T>) tables[found];
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
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
