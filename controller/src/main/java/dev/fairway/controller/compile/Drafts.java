package dev.fairway.controller.compile;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.controller.compile.annotation.Annotations;
import dev.fairway.controller.compile.annotation.Features;
import dev.fairway.controller.compile.annotation.Location;
import dev.fairway.controller.compile.annotation.Place;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import java.util.Optional;

/** Makes drafts: a path, where it goes, and the policies its Ingress asks for. */
final class Drafts {
    private final World world;
    private final TlsPlan tls;
    private final ClientPolicies clients;

    Drafts(World world, TlsPlan tls, ClientPolicies clients) {
        this.world = world;
        this.tls = tls;
        this.clients = clients;
    }

    /**
     * How a claim's path is compared; absent when it is no pattern but should be.
     *
     * @param patterned all paths of the host are patterns
     */
    Optional<PathMatch> match(Claim claim, boolean patterned) {
        PathRule path = claim.path();
        if (claim.source().canary()) {
            return Optional.of(new PathMatch.Any());
        }
        boolean pattern =
                world.compatible()
                        ? patterned
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

    Draft rule(Claim claim, PathMatch path) {
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

    /** What answers when no path of the host matches. */
    Draft fallback(Source source, HostMatch host, IngressServiceBackend backend, Place.Kind kind) {
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
        if (!source.canary()) {
            clients.check(source, host, location);
        }
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

    /** As {@link #fallback}, of no Ingress at all. */
    Draft controllerDefault(BackendId backend, HostMatch host, Annotations nothing) {
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
}
