package dev.fairway.dataplane.route;

import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One host's routes, indexed. Every index answers with the <em>position</em> of a route in the
 * ordered list and the smallest position wins, so the answer is the ordered list's. One pass over
 * the path asks for the exact path, each whole-segment prefix and each string prefix; what is left
 * are the regexes that stand before the best hit. Immutable.
 *
 * @param <T> what a route compiles to
 */
public final class PathTable<T> {
    private static final int NONE = ByteTable.NONE;
    private static final int EXACT = 1;
    private static final int SEGMENTS = 2;
    private static final int STRING = 3;

    private final ByteTable paths;

    /** Which lengths the keys of each kind have: others need not be asked for. */
    private final long exacts;

    private final long segments;
    private final long strings;
    private final int longest;
    private final int any;
    private final @Nullable Object[] values;

    /** Null: there is none. */
    private final Regex @Nullable [] regexes;

    private record Regex(int position, PathPattern pattern) {}

    /**
     * @param routes in order of precedence
     * @param compile called once for each route, in order
     * @throws IllegalArgumentException when a path pattern is not RE2 syntax
     */
    public PathTable(List<Route> routes, Function<Route, T> compile) {
        paths = new ByteTable(routes.size());
        long[] lengths = new long[STRING + 1];
        int most = -1;
        int everything = NONE;
        List<Regex> patterns = new ArrayList<>();
        values = new Object[routes.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = compile.apply(routes.get(i));
            int kind = 0;
            String key = "";
            switch (routes.get(i).path()) {
                case PathMatch.Exact(String path) -> {
                    kind = EXACT;
                    key = path;
                }
                case PathMatch.Prefix(String path) -> {
                    kind = SEGMENTS;
                    key = trimmed(path);
                }
                case PathMatch.StringPrefix(String path) -> {
                    kind = STRING;
                    key = path;
                }
                case PathMatch.Regex regex -> patterns.add(new Regex(i, PathPattern.of(regex)));
                case PathMatch.Any() -> everything = Math.min(everything, i);
            }
            if (kind != 0) {
                byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                paths.add(kind, bytes, i);
                lengths[kind] |= bit(bytes.length);
                most = Math.max(most, bytes.length);
            }
        }
        exacts = lengths[EXACT];
        segments = lengths[SEGMENTS];
        strings = lengths[STRING];
        longest = most;
        regexes = patterns.isEmpty() ? null : patterns.toArray(Regex[]::new);
        any = everything;
    }

    @SuppressWarnings("unchecked")
    @Nullable T match(byte[] path, int length) {
        int best = Math.min(any, indexed(path, length));
        if (regexes != null) {
            best = Math.min(best, byPattern(regexes, best, path, length));
        }
        return best == NONE ? null : (T) values[best];
    }

    /** The first that matches, of those before {@code best}. */
    private static int byPattern(Regex[] regexes, int best, byte[] path, int length) {
        for (Regex regex : regexes) {
            if (regex.position >= best) {
                break;
            }
            if (regex.pattern.matches(path, length)) {
                return regex.position;
            }
        }
        return NONE;
    }

    private int indexed(byte[] path, int length) {
        int best = NONE;
        int hash = ByteTable.EMPTY_HASH;
        for (int i = 0; i <= length && i <= longest; i++) {
            long bit = bit(i);
            if ((segments & bit) != 0) {
                boolean boundary = i == length || path[i] == '/';
                if (boundary) {
                    best = Math.min(best, paths.get(SEGMENTS, path, 0, i, hash));
                }
            }
            if ((strings & bit) != 0) {
                best = Math.min(best, paths.get(STRING, path, 0, i, hash));
            }
            if (i == length) {
                return (exacts & bit) == 0
                        ? best
                        : Math.min(best, paths.get(EXACT, path, 0, i, hash));
            }
            hash = ByteTable.extend(hash, path[i]);
        }
        return best;
    }

    /** The last stands for all lengths from there on. */
    private static long bit(int length) {
        return 1L << Math.min(length, Long.SIZE - 1);
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
