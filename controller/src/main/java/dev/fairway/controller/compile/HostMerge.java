package dev.fairway.controller.compile;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import dev.fairway.controller.compile.annotation.CanaryRules;
import dev.fairway.controller.compile.annotation.CookieAffinity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All claims on one host → its routes in order of precedence. Claims come the oldest Ingress first;
 * of two on the same path and type the first wins, and the other takes over when it goes.
 */
final class HostMerge {
    private final HostMatch host;
    private final Comparator<PathRule> precedence;
    private final Problems problems;

    private record Key(PathRule.Kind kind, String path) {}

    private record Entry(Claim claim, Draft draft) {}

    private final Map<Key, Entry> primaries = new LinkedHashMap<>();
    private final Map<Key, Entry> canaries = new LinkedHashMap<>();
    private Optional<Draft> fallback = Optional.empty();
    private Optional<AppRoot> appRoot = Optional.empty();

    private record AppRoot(Source by, String path) {}

    /** @param patterns whether all paths of the host are patterns */
    HostMerge(HostMatch host, boolean patterns, Problems problems) {
        this.host = host;
        this.precedence = patterns ? PathRule.PATTERN_PRECEDENCE : PathRule.PRECEDENCE;
        this.problems = problems;
    }

    void add(Claim claim, Draft draft) {
        Map<Key, Entry> among = claim.source().canary() ? canaries : primaries;
        Entry entry = new Entry(claim, draft);
        Entry older =
                among.putIfAbsent(new Key(claim.path().kind(), claim.path().written()), entry);
        if (older != null) {
            boolean self = older.claim().source().equals(claim.source());
            problems.report(
                    ProblemCode.SHADOWED,
                    claim.source().subject(),
                    claim.field(),
                    where(claim)
                            + " is already served by "
                            + (self
                                    ? older.claim().field() + " of this Ingress"
                                    : "the Ingress "
                                            + Printable.plain(older.claim().source().name())
                                            + ", which comes first")
                            + "; this one is held in reserve");
        }
    }

    /** What answers when no path matches; the first counts. */
    void fallback(Draft draft) {
        if (fallback.isEmpty()) {
            fallback = Optional.of(draft);
        }
    }

    /** Where the host's {@code /} redirects to, whatever is served there; the first counts. */
    void appRoot(Source by, String path) {
        if (appRoot.isEmpty()) {
            appRoot = Optional.of(new AppRoot(by, path));
        }
    }

    boolean hasFallback() {
        return fallback.isPresent();
    }

    VirtualHost virtualHost() {
        canaries.forEach((key, canary) -> {
            if (!primaries.containsKey(key)) {
                CanaryRules.withoutPrimary(
                        canary.claim().source().annotations(), where(canary.claim()));
            }
        });
        List<Route> routes = new ArrayList<>();
        appRoot.ifPresent(root -> routes.add(redirect(root)));
        primaries.entrySet().stream()
                .sorted(Comparator.comparing(e -> e.getValue().claim().path(), precedence))
                .forEach(e -> {
                    Route route = e.getValue().draft().route();
                    Entry canary = canaries.get(e.getKey());
                    routes.add(canary == null ? route : join(route, canary));
                });
        fallback.ifPresent(draft -> routes.add(draft.route()));
        return new VirtualHost(host, routes);
    }

    private Route redirect(AppRoot root) {
        Source by = root.by();
        return new Route(
                Draft.id(by.name(), HostName.text(host), "app-root"),
                new Route.Origin(by.namespace(), by.subject().name(), "", ""),
                new PathMatch.Exact("/"),
                by.annotations().refused()
                        ? new Route.Action.Answer(503)
                        : new Route.Action.Redirect(
                                302, Optional.empty(), Optional.of(root.path())),
                List.of());
    }

    private static Route join(Route route, Entry canary) {
        Optional<Policy.Canary> policy = canary.draft().canary();
        return policy.isEmpty()
                ? route
                : Draft.with(
                        route,
                        policy.get(),
                        CookieAffinity.legacyCanary(canary.claim().source().annotations()));
    }

    private static String where(Claim claim) {
        String host = HostName.text(claim.host());
        return (host.isEmpty() ? "any host" : host)
                + " "
                + claim.path().kind().word()
                + " "
                + Printable.quoted(claim.path().written());
    }
}
