package dev.fairway.dataplane.route;

import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One host's routes, indexed. Every index answers with the <em>position</em> of a route in the
 * ordered list and the smallest position wins, so the answer is the ordered list's. One pass over
 * the path asks for the exact path, each whole-segment prefix and each string prefix; what is left
 * are the regexes that stand before the best hit.
 *
 * @param <T> what a route compiles to
 */
final class PathTable<T> {
    private static final int NONE = Integer.MAX_VALUE;

    private final List<T> values;
    private final ByteTable<Integer> exact;
    private final ByteTable<Integer> prefixes;
    private final ByteTable<Integer> stringPrefixes;

    /** Which lengths string prefixes have: others need not be asked for. */
    private final boolean[] stringLengths;

    private final Regex[] regexes;
    private final int any;

    private record Regex(int position, PathPattern pattern) {}

    PathTable(List<Route> routes, Function<Route, T> compile) {
        List<T> compiled = new ArrayList<>(routes.size());
        Map<String, Integer> exacts = new HashMap<>();
        Map<String, Integer> segments = new HashMap<>();
        Map<String, Integer> strings = new HashMap<>();
        List<Regex> patterns = new ArrayList<>();
        int everything = NONE;
        for (int i = 0; i < routes.size(); i++) {
            compiled.add(compile.apply(routes.get(i)));
            switch (routes.get(i).path()) {
                case PathMatch.Exact(String path) -> exacts.putIfAbsent(path, i);
                case PathMatch.Prefix(String path) -> segments.putIfAbsent(trimmed(path), i);
                case PathMatch.StringPrefix(String path) -> strings.putIfAbsent(path, i);
                case PathMatch.Regex regex -> patterns.add(new Regex(i, PathPattern.of(regex)));
                case PathMatch.Any() -> everything = Math.min(everything, i);
            }
        }
        values = List.copyOf(compiled);
        exact = new ByteTable<>(exacts);
        prefixes = new ByteTable<>(segments);
        stringPrefixes = new ByteTable<>(strings);
        stringLengths = new boolean[stringPrefixes.longest() + 1];
        strings.keySet()
                .forEach(s -> stringLengths[s.getBytes(StandardCharsets.UTF_8).length] = true);
        regexes = patterns.toArray(Regex[]::new);
        any = everything;
    }

    @Nullable T match(byte[] path, int length) {
        int best = Math.min(any, indexed(path, length));
        for (Regex regex : regexes) {
            if (regex.position >= best) {
                break;
            }
            if (regex.pattern.matches(path, length)) {
                best = regex.position;
                break;
            }
        }
        return best == NONE ? null : values.get(best);
    }

    private int indexed(byte[] path, int length) {
        int best = NONE;
        int hash = ByteTable.EMPTY_HASH;
        int longestPrefix = Math.max(prefixes.longest(), stringPrefixes.longest());
        int longest = Math.max(longestPrefix, length <= exact.longest() ? length : -1);
        for (int i = 0; i <= length && i <= longest; i++) {
            boolean boundary = i == length || path[i] == '/';
            if (boundary && i <= prefixes.longest()) {
                best = Math.min(best, position(prefixes.get(path, 0, i, hash)));
            }
            if (i < stringLengths.length && stringLengths[i]) {
                best = Math.min(best, position(stringPrefixes.get(path, 0, i, hash)));
            }
            if (i == length) {
                return Math.min(best, position(exact.get(path, 0, i, hash)));
            }
            hash = ByteTable.extend(hash, path[i]);
        }
        return best;
    }

    private static int position(@Nullable Integer found) {
        return found == null ? NONE : found;
    }

    /** Without its trailing slashes: {@code /foo} and {@code /foo/} name the same segments. */
    private static String trimmed(String prefix) {
        int end = prefix.length();
        while (end > 0 && prefix.charAt(end - 1) == '/') {
            end--;
        }
        return prefix.substring(0, end);
    }
}
