package dev.fairway.controller.compile;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import dev.fairway.controller.compile.Problem.Subject;
import dev.fairway.controller.compile.annotation.Annotations;
import dev.fairway.controller.compile.annotation.CanaryRules;
import dev.fairway.controller.compile.annotation.Features;
import dev.fairway.controller.compile.annotation.Location;
import dev.fairway.controller.compile.annotation.Place;
import dev.fairway.controller.compile.annotation.Rewrites;
import dev.fairway.controller.compile.annotation.Vocabulary;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * One pass over our Ingresses, the oldest first: read, bind certificates, draft routes, merge by
 * host. Whatever throws is put down to the Ingress it happened in; then the pass is worth nothing,
 * and {@link CompileRun} makes another one without it.
 */
final class Assembly {
    private static final Comparator<HostMatch> HOST_ORDER =
            Comparator.comparingInt(Assembly::rank).thenComparing(HostName::text);

    private final World world;
    private final TlsPlan tls;
    private final Set<String> failed = new TreeSet<>();
    private final Map<HostMatch, HostMerge> hosts = new HashMap<>();

    /** Hosts whose paths are all patterns (compatibility mode). */
    private final Set<HostMatch> patterned = new HashSet<>();

    private final Map<HostMatch, Source> owners = new HashMap<>();
    private Optional<Source> catchAll = Optional.empty();

    Assembly(World world, TlsPlan tls) {
        this.world = world;
        this.tls = tls;
    }

    /** {@code namespace/name} of the Ingresses in which something threw. */
    Set<String> failed() {
        return failed;
    }

    List<VirtualHost> assemble(List<Ingress> ingresses) {
        List<Rules> all = new ArrayList<>();
        for (Ingress ingress : ingresses) {
            guarded(ingress, i -> read(i).ifPresent(all::add));
        }
        List<Rules> primaries = all.stream().filter(r -> !r.source().canary()).toList();
        primaries.forEach(this::survey);
        Set<String> ruled = new HashSet<>();
        owners.keySet().forEach(host -> ruled.add(HostName.text(host)));
        for (Rules rules : primaries) {
            guarded(rules.source().ingress(), i -> tls.add(rules, ruled));
        }
        for (HostMatch host : owners.keySet()) {
            hosts.put(host, new HostMerge(host, patterned.contains(host), world.problems()));
        }
        if (catchAll.isPresent() || world.controllerDefaultBackend().isPresent()) {
            HostMatch any = new HostMatch.Any();
            hosts.putIfAbsent(any, new HostMerge(any, patterned.contains(any), world.problems()));
        }
        for (Rules rules : all) {
            guarded(rules.source().ingress(), i -> draft(rules));
        }
        primaries.stream()
                .filter(rules -> catchAll.filter(rules.source()::equals).isPresent())
                .forEach(rules -> guarded(rules.source().ingress(), i -> catchAll(rules)));
        controllerDefault();
        return hosts.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(HOST_ORDER))
                .map(e -> e.getValue().virtualHost())
                .toList();
    }

    private void guarded(Ingress ingress, Consumer<Ingress> step) {
        try {
            step.accept(ingress);
        } catch (RuntimeException | StackOverflowError e) {
            failed.add(Catalogue.namespace(ingress) + "/" + Catalogue.name(ingress));
        }
    }

    private Optional<Rules> read(Ingress ingress) {
        Subject subject =
                new Subject("Ingress", Catalogue.namespace(ingress), Catalogue.name(ingress));
        Optional<String> over = Budget.exceeded(ingress);
        if (over.isPresent() || ingress.getSpec() == null) {
            world.problems()
                    .report(
                            over.isPresent() ? ProblemCode.OVER_BUDGET : ProblemCode.INGRESS_EMPTY,
                            subject,
                            "spec",
                            "the Ingress "
                                    + over.orElse("has no spec")
                                    + "; nothing of it is served");
            return Optional.empty();
        }
        Annotations annotations =
                new Annotations(
                        subject,
                        Optional.ofNullable(ingress.getMetadata().getAnnotations())
                                .orElse(Map.of()),
                        world);
        boolean canary = CanaryRules.isCanary(annotations);
        if (canary) {
            annotations.markCanary();
        }
        Vocabulary.check(annotations);
        Source source =
                new Source(
                        ingress,
                        ingress.getSpec(),
                        subject,
                        annotations,
                        canary,
                        // a canary's path is only compared with its primary's
                        canary || Rewrites.wantsRegex(annotations));
        Rules rules = Rules.read(source, world.options(), world.problems());
        if (source.regex() && rules.claims().size() > Budget.MAX_PATTERNS) {
            world.problems()
                    .report(
                            ProblemCode.OVER_BUDGET,
                            subject,
                            "spec",
                            "the Ingress has "
                                    + rules.claims().size()
                                    + " patterns, at most "
                                    + Budget.MAX_PATTERNS
                                    + "; nothing of it is served");
            return Optional.empty();
        }
        return Optional.of(rules);
    }

    /** Who owns what, as far as later steps must know it of all. */
    private void survey(Rules rules) {
        for (HostMatch host : rules.hosts()) {
            owners.putIfAbsent(host, rules.source());
            if (world.compatible() && rules.source().regex()) {
                patterned.add(host);
            }
        }
        if (rules.catchAll()) {
            if (catchAll.isEmpty()) {
                catchAll = Optional.of(rules.source());
            } else {
                world.problems()
                        .report(
                                ProblemCode.SHADOWED,
                                rules.source().subject(),
                                "spec.defaultBackend",
                                "the Ingress "
                                        + Printable.plain(catchAll.get().name())
                                        + ", which comes first, is already the catch-all; this one is held in reserve");
            }
        }
    }

    private void draft(Rules rules) {
        Source source = rules.source();
        for (Claim claim : rules.claims()) {
            HostMerge merge = hosts.get(claim.host());
            if (merge == null) {
                // only canaries claim hosts that nobody owns
                merge = new HostMerge(claim.host(), false, world.problems());
                merge.add(claim, draft(claim, claim.path().literal(world.compatible())));
                merge.virtualHost();
                continue;
            }
            Optional<PathMatch> path = match(claim);
            if (path.isPresent()) {
                merge.add(claim, draft(claim, path.get()));
            }
        }
        if (source.canary()) {
            return;
        }
        rules.defaultBackend()
                .ifPresent(backend -> {
                    for (HostMatch host : rules.hosts()) {
                        HostMerge merge = hosts.get(host);
                        if (merge != null && source.equals(owners.get(host))) {
                            merge.fallback(
                                    fallback(source, host, backend, Place.Kind.DEFAULT_BACKEND));
                        }
                    }
                });
    }

    private Optional<PathMatch> match(Claim claim) {
        PathRule path = claim.path();
        if (claim.source().canary()) {
            return Optional.of(new PathMatch.Any());
        }
        boolean pattern =
                world.compatible()
                        ? patterned.contains(claim.host())
                        : claim.source().regex()
                                && path.kind() != PathRule.Kind.EXACT
                                && (path.kind() == PathRule.Kind.IMPLEMENTATION_SPECIFIC
                                        || path.looksLikePattern());
        if (!pattern) {
            return Optional.of(path.literal(world.compatible()));
        }
        Optional<PathMatch> match = path.pattern(world.compatible());
        if (match.isEmpty()) {
            world.problems()
                    .report(
                            ProblemCode.REGEX_INVALID,
                            claim.source().subject(),
                            claim.field() + ".path",
                            Printable.quoted(path.written())
                                    + " is no regular expression in RE2 syntax, or too large a one;"
                                    + " the path is left out");
        }
        return match;
    }

    private Draft draft(Claim claim, PathMatch path) {
        Source source = claim.source();
        Backends.Resolved backend =
                world.backends()
                        .resolve(
                                source.namespace(),
                                claim.backend(),
                                source.subject(),
                                claim.field() + ".backend");
        return draft(
                source,
                claim.host(),
                source.canary() ? Place.Kind.CANARY : Place.Kind.RULE,
                path,
                claim.path(),
                backend);
    }

    private Draft fallback(
            Source source, HostMatch host, IngressServiceBackend backend, Place.Kind kind) {
        Backends.Resolved resolved =
                world.backends()
                        .resolve(
                                source.namespace(),
                                backend,
                                source.subject(),
                                "spec.defaultBackend");
        PathRule everything = new PathRule(PathRule.Kind.PREFIX, "/", "/");
        return draft(source, host, kind, new PathMatch.Any(), everything, resolved);
    }

    private Draft draft(
            Source source,
            HostMatch host,
            Place.Kind kind,
            PathMatch path,
            PathRule rule,
            Backends.Resolved backend) {
        boolean rulePath = kind == Place.Kind.RULE || kind == Place.Kind.CANARY;
        Location location =
                new Location(
                        source.annotations(),
                        new Place(
                                source.namespace(),
                                source.subject().name(),
                                HostName.text(host),
                                tls.asksForTls(host),
                                kind,
                                path,
                                rule.written(),
                                Optional.of(backend.id()),
                                backend.appProtocol()));
        Features.compile(location);
        return new Draft(
                Draft.id(
                        source.name(),
                        HostName.text(host),
                        rulePath ? rule.kind().word() + rule.written() : "default"),
                new Route.Origin(
                        source.namespace(),
                        source.subject().name(),
                        backend.id().service(),
                        backend.written()),
                path,
                backend.id(),
                location);
    }

    private void catchAll(Rules rules) {
        IngressServiceBackend backend = rules.defaultBackend().orElseThrow();
        hosts.forEach((host, merge) -> {
            if (!merge.hasFallback()) {
                merge.fallback(fallback(rules.source(), host, backend, Place.Kind.CATCH_ALL));
            }
        });
    }

    private void controllerDefault() {
        Optional<BackendId> backend = world.controllerDefaultBackend();
        if (backend.isEmpty()) {
            return;
        }
        Annotations nothing = new Annotations(Annotations.CONFIG, Map.of(), world);
        hosts.forEach((host, merge) -> {
            if (!merge.hasFallback()) {
                merge.fallback(controllerDefault(backend.get(), host, nothing));
            }
        });
    }

    private Draft controllerDefault(BackendId backend, HostMatch host, Annotations nothing) {
        PathMatch path = new PathMatch.Any();
        Location location =
                new Location(
                        nothing,
                        new Place(
                                backend.namespace(),
                                "",
                                HostName.text(host),
                                tls.asksForTls(host),
                                Place.Kind.CATCH_ALL,
                                path,
                                "/",
                                Optional.of(backend),
                                Optional.empty()));
        Features.compile(location);
        return new Draft(
                Draft.id("", HostName.text(host), "default"),
                new Route.Origin("", "", backend.service(), String.valueOf(backend.port())),
                path,
                backend,
                location);
    }

    private static int rank(HostMatch host) {
        return switch (host) {
            case HostMatch.Exact _ -> 0;
            case HostMatch.Wildcard _ -> 1;
            case HostMatch.Any _ -> 2;
        };
    }
}
