package dev.fairway.dataplane.policy;

import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.CanonicalPath;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.route.PathPattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the whole path as nginx's {@code rewrite … break}. A query in the target comes first and
 * the request's follows, unless the target ends in {@code ?}. What comes out must be canonical but
 * for repeated slashes, which templates make innocently and which are merged; a capture that made a
 * dot segment is an attack (ledger E1).
 */
final class PathRewrite {
    private final Policy.Rewrite policy;
    private final @Nullable PathPattern pattern;
    private final Interpolation interpolation;

    /**
     * @param query null: the request's own
     * @param forwardedPrefix null: nothing is said of one
     */
    record Result(String path, @Nullable String query, @Nullable String forwardedPrefix) {}

    PathRewrite(Policy.Rewrite policy, Route route, Interpolation interpolation) {
        this.policy = policy;
        this.interpolation = interpolation;
        this.pattern = route.path() instanceof PathMatch.Regex regex ? PathPattern.of(regex) : null;
    }

    /** Null when the path that came out is refused. */
    @Nullable Result apply(Request request) {
        String[] captures = captures(request.path());
        String filled = interpolation.fill(policy.target(), request, captures);
        int mark = filled.indexOf('?');
        String path = canonical(mark < 0 ? filled : filled.substring(0, mark));
        if (path == null) {
            return null;
        }
        String query = mark < 0 ? null : query(filled.substring(mark + 1), request);
        String prefix =
                policy.forwardedPrefix()
                        .map(template -> interpolation.fill(template, request, captures))
                        .orElse(null);
        return new Result(path, query, prefix);
    }

    private String[] captures(String path) {
        String[] groups = pattern == null ? null : pattern.captures(path);
        return groups == null ? new String[] {path} : groups;
    }

    private static String query(String filled, Request request) {
        String own = Escapes.illegal(filled).replace("#", "%23");
        return own.isEmpty() || request.query().isEmpty() ? own : own + "&" + request.query();
    }

    private static @Nullable String canonical(String rewritten) {
        StringBuilder merged = new StringBuilder(rewritten.length() + 1).append('/');
        for (int i = 0; i < rewritten.length(); i++) {
            char c = rewritten.charAt(i);
            if (c != '/' || merged.charAt(merged.length() - 1) != '/') {
                merged.append(c);
            }
        }
        String path = merged.toString();
        return path.equals(CanonicalPath.canonical(path)) ? path : null;
    }
}
