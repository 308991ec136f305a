package dev.fairway.controller.compile;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.VirtualHost;
import dev.fairway.controller.compile.Problem.Subject;
import dev.fairway.controller.compile.annotation.Annotations;
import dev.fairway.controller.compile.annotation.CanaryRules;
import dev.fairway.controller.compile.annotation.HostNames;
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
    private final ClientPolicies clients = new ClientPolicies();
    private final Drafts drafts;
    private final Set<String> failed = new TreeSet<>();
    private final Map<HostMatch, HostMerge> hosts = new HashMap<>();

    /** Hosts whose paths are all patterns (compatibility mode). */
    private final Set<HostMatch> patterned = new HashSet<>();

    private final Map<HostMatch, Source> owners = new HashMap<>();
    private final OtherNames others = new OtherNames(owners.keySet());
    private Optional<Source> catchAll = Optional.empty();

    Assembly(World world, TlsPlan tls) {
        this.world = world;
        this.tls = tls;
        this.drafts = new Drafts(world, tls, clients);
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
        primaries.forEach(others::add);
        Set<String> ruled = new HashSet<>();
        owners.keySet().forEach(host -> ruled.add(HostName.text(host)));
        for (Rules rules : primaries) {
            guarded(
                    rules.source().ingress(),
                    i -> tls.add(rules, ruled, others.of(rules.source())));
            guarded(rules.source().ingress(), i -> clients.add(rules));
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
        List<VirtualHost> ruledHosts =
                hosts.values().stream().map(merge -> clients.guarded(merge.virtualHost())).toList();
        return others.with(ruledHosts).stream()
                .sorted(Comparator.comparing(VirtualHost::host, HOST_ORDER))
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
                merge.add(claim, drafts.rule(claim, claim.path().literal(world.compatible())));
                merge.virtualHost();
                continue;
            }
            Optional<PathMatch> path = drafts.match(claim, patterned.contains(claim.host()));
            if (path.isPresent()) {
                merge.add(claim, drafts.rule(claim, path.get()));
            }
        }
        if (source.canary()) {
            return;
        }
        HostNames.appRoot(source.annotations())
                .ifPresent(path -> rules.hosts().forEach(host -> appRoot(source, host, path)));
        rules.defaultBackend()
                .ifPresent(backend -> {
                    for (HostMatch host : rules.hosts()) {
                        HostMerge merge = hosts.get(host);
                        if (merge != null && source.equals(owners.get(host))) {
                            merge.fallback(
                                    drafts.fallback(
                                            source, host, backend, Place.Kind.DEFAULT_BACKEND));
                        }
                    }
                });
    }

    private void appRoot(Source source, HostMatch host, String path) {
        HostMerge merge = hosts.get(host);
        if (merge != null) {
            merge.appRoot(source, path);
        }
    }

    private void catchAll(Rules rules) {
        IngressServiceBackend backend = rules.defaultBackend().orElseThrow();
        hosts.forEach((host, merge) -> {
            if (!merge.hasFallback()) {
                merge.fallback(
                        drafts.fallback(rules.source(), host, backend, Place.Kind.CATCH_ALL));
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
                merge.fallback(drafts.controllerDefault(backend.get(), host, nothing));
            }
        });
    }

    private static int rank(HostMatch host) {
        return switch (host) {
            case HostMatch.Exact _ -> 0;
            case HostMatch.Wildcard _ -> 1;
            case HostMatch.Any _ -> 2;
        };
    }
}
