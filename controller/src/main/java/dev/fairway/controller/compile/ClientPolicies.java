package dev.fairway.controller.compile;

import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.ClientCertificates.Verification;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import dev.fairway.controller.compile.annotation.ClientCertification;
import dev.fairway.controller.compile.annotation.ClientCertification.Asked;
import dev.fairway.controller.compile.annotation.Location;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which hosts ask clients for certificates. As in ingress-nginx, the oldest Ingress of a host that
 * says so speaks for the whole host. One that can't be honoured closes the host: nobody there is
 * served unauthenticated. An Ingress that asked for more than its host now does is closed alone.
 */
final class ClientPolicies {
    private static final int CLOSED_STATUS = 503;

    private final Map<HostMatch, Ruling> byHost = new HashMap<>();
    private final Map<Source, Asked> bySource = new HashMap<>();

    private record Ruling(Source by, Asked asked) {}

    /** Takes in one Ingress; the oldest first. */
    void add(Rules rules) {
        Source source = rules.source();
        Optional<Asked> asked = ClientCertification.asked(source.annotations(), source.namespace());
        if (asked.isEmpty()) {
            return;
        }
        bySource.put(source, asked.get());
        rules.hosts().forEach(host -> byHost.putIfAbsent(host, new Ruling(source, asked.get())));
        if (rules.catchAll()) {
            byHost.putIfAbsent(new HostMatch.Any(), new Ruling(source, asked.get()));
        }
    }

    /** Closes a route whose host doesn't do what its Ingress asked for. */
    void check(Source source, HostMatch host, Location location) {
        Ruling ruling = byHost.get(host);
        if (ruling != null && ruling.by().equals(source)) {
            return;
        }
        String name = HostName.text(host);
        String where =
                name.isEmpty() ? "requests for any host" : "the host " + Printable.quoted(name);
        boolean elsewhere = caught(source, host);
        if (ruling != null && ruling.asked() instanceof Asked.Broken) {
            if (elsewhere) {
                return; // closed with the host
            }
            location.close(
                    ProblemCode.SECURITY_SETTING_REFUSED,
                    "spec.rules",
                    where
                            + " must authenticate clients as the Ingress "
                            + Printable.plain(ruling.by().name())
                            + " says, which can't be honoured; its routes answer 503");
            return;
        }
        if (!(bySource.get(source) instanceof Asked.Policy(ClientCertificates own))) {
            return;
        }
        if (elsewhere) {
            boolean held =
                    ruling != null
                            && ruling.asked() instanceof Asked.Policy(ClientCertificates theirs)
                            && implies(theirs, own);
            if (!held && !demandsNothing(own)) {
                ClientCertification.close(
                        location,
                        "does not hold for hosts that other Ingresses have; what this one catches"
                                + " there answers 503");
            }
        } else if (ruling != null
                && ruling.asked() instanceof Asked.Policy(ClientCertificates theirs)
                && !theirs.equals(own)) {
            String comes =
                    "does not hold for "
                            + where
                            + ": that of the Ingress "
                            + Printable.plain(ruling.by().name())
                            + ", which comes first, does";
            if (implies(theirs, own)) {
                ClientCertification.report(source.annotations(), comes);
            } else {
                ClientCertification.close(
                        location,
                        comes
                                + ", and lets pass whom this one would not; its routes there answer 503");
            }
        }
    }

    /** Whether whoever passes the one would have passed the other. */
    private static boolean implies(ClientCertificates ruling, ClientCertificates asked) {
        if (demandsNothing(asked)) {
            return true;
        }
        return ruling.authorities().equals(asked.authorities())
                && strength(ruling.verification()) >= strength(asked.verification())
                && ruling.depth() <= asked.depth()
                && (asked.subjectPattern().isEmpty()
                        || asked.subjectPattern().equals(ruling.subjectPattern()));
    }

    private static boolean demandsNothing(ClientCertificates asked) {
        return asked.verification() == Verification.OFF && asked.subjectPattern().isEmpty();
    }

    /** Whether it is the default backend of a rule-less Ingress, on somebody else's host. */
    private static boolean caught(Source source, HostMatch host) {
        boolean ruleLess = source.spec().getRules() == null || source.spec().getRules().isEmpty();
        return ruleLess && !(host instanceof HostMatch.Any);
    }

    private static int strength(Verification verification) {
        return switch (verification) {
            case OFF -> 0;
            case OPTIONAL_NO_CA -> 1;
            case OPTIONAL -> 2;
            case REQUIRED -> 3;
        };
    }

    /** The host with what it asks for; closed when that can't be honoured. */
    VirtualHost guarded(VirtualHost host) {
        Ruling ruling = byHost.get(host.host());
        if (ruling == null) {
            return host;
        }
        return switch (ruling.asked()) {
            case Asked.Policy(ClientCertificates policy) ->
                    new VirtualHost(host.host(), host.routes(), Optional.of(policy));
            case Asked.Broken() ->
                    new VirtualHost(
                            host.host(),
                            host.routes().stream().map(ClientPolicies::closed).toList());
        };
    }

    private static Route closed(Route route) {
        return new Route(
                route.id(),
                route.origin(),
                route.path(),
                new Route.Action.Answer(CLOSED_STATUS),
                List.of());
    }
}
