package dev.fairway.controller.compile;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import java.util.List;
import java.util.Optional;

/** What a snapshot's routes mean, as plainly as it can be written: the judge of {@code requests.txt}. */
final class FirstMatch {
    private FirstMatch() {}

    /** The backend or status for a canonical host and path; 404 when nothing matches. */
    static String answer(Snapshot snapshot, String host, String path) {
        return host(snapshot, host).map(VirtualHost::routes).orElse(List.of()).stream()
                .filter(route -> matches(route.path(), path))
                .findFirst()
                .map(route ->
                        switch (route.action()) {
                            case Route.Action.Forward forward -> forward.backend().toString();
                            case Route.Action.Answer answer -> String.valueOf(answer.status());
                            case Route.Action.Redirect redirect ->
                                    String.valueOf(redirect.status());
                        })
                .orElse("404");
    }

    private static Optional<VirtualHost> host(Snapshot snapshot, String name) {
        int dot = name.indexOf('.');
        String suffix = dot > 0 ? name.substring(dot + 1) : "";
        return snapshot.hosts().stream()
                .filter(h -> h.host() instanceof HostMatch.Exact exact && exact.name().equals(name))
                .findFirst()
                .or(() ->
                        snapshot.hosts().stream()
                                .filter(h ->
                                        h.host() instanceof HostMatch.Wildcard wild
                                                && wild.suffix().equals(suffix))
                                .findFirst())
                .or(() ->
                        snapshot.hosts().stream()
                                .filter(h -> h.host() instanceof HostMatch.Any)
                                .findFirst());
    }

    private static boolean matches(PathMatch match, String path) {
        return switch (match) {
            case PathMatch.Exact exact -> exact.path().equals(path);
            case PathMatch.Prefix prefix -> within(trimmed(prefix.path()), trimmed(path));
            case PathMatch.StringPrefix prefix -> path.startsWith(prefix.path());
            case PathMatch.Regex regex -> {
                Matcher matcher =
                        Pattern.compile(
                                        regex.pattern(),
                                        regex.caseInsensitive() ? Pattern.CASE_INSENSITIVE : 0)
                                .matcher(path);
                yield matcher.lookingAt();
            }
            case PathMatch.Any _ -> true;
        };
    }

    private static boolean within(String prefix, String path) {
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }

    private static String trimmed(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
