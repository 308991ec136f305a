package dev.fairway.controller.compile;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import dev.fairway.controller.compile.annotation.HostNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Hosts that no rule names: an alias has all that its host has, a twin with or without {@code www.}
 * redirects to it. What a rule names is the rule's alone; else the oldest Ingress has it.
 */
final class OtherNames {
    private static final String WWW = "www.";
    private static final int MOVED = 308;

    private final Set<HostMatch> ruled;
    private final Map<HostMatch, Name> names = new LinkedHashMap<>();

    /**
     * @param host the host meant
     * @param redirects whether it only redirects there
     */
    record Name(Source by, HostMatch host, boolean redirects) {}

    /** @param ruled hosts that rules name */
    OtherNames(Set<HostMatch> ruled) {
        this.ruled = ruled;
    }

    /** Takes in one Ingress; the oldest first. */
    void add(Rules rules) {
        Source source = rules.source();
        List<HostMatch> hosts =
                rules.hosts().stream().filter(host -> !(host instanceof HostMatch.Any)).toList();
        if (hosts.isEmpty()) {
            return;
        }
        for (String written : HostNames.aliases(source.annotations())) {
            Optional<HostMatch> alias =
                    HostName.parse(written).filter(host -> !(host instanceof HostMatch.Any));
            if (alias.isEmpty()) {
                HostNames.reportAlias(
                        source.annotations(),
                        ProblemCode.BAD_ANNOTATION,
                        "holds "
                                + Printable.quoted(written)
                                + ", which is no DNS name and no *.name; it is left out");
            } else if (!claim(alias.get(), new Name(source, hosts.getFirst(), false))) {
                HostNames.reportAlias(
                        source.annotations(),
                        ProblemCode.SHADOWED,
                        "holds "
                                + Printable.quoted(written)
                                + ", which another rule or Ingress has; it is left out");
            }
        }
        if (HostNames.fromToWww(source.annotations())) {
            for (HostMatch host : hosts) {
                if (host instanceof HostMatch.Exact(String name)) {
                    claim(new HostMatch.Exact(twin(name)), new Name(source, host, true));
                }
            }
        }
    }

    private static String twin(String name) {
        return name.startsWith(WWW) ? name.substring(WWW.length()) : WWW + name;
    }

    private boolean claim(HostMatch host, Name name) {
        return !ruled.contains(host) && names.putIfAbsent(host, name) == null;
    }

    /** Those that one Ingress brought. */
    Map<HostMatch, Name> of(Source source) {
        Map<HostMatch, Name> own = new LinkedHashMap<>();
        names.forEach((host, name) -> {
            if (name.by().equals(source)) {
                own.put(host, name);
            }
        });
        return own;
    }

    /** The virtual hosts that rules make, and those of the other names. */
    List<VirtualHost> with(List<VirtualHost> hosts) {
        Map<HostMatch, VirtualHost> made = new LinkedHashMap<>();
        hosts.forEach(host -> made.put(host.host(), host));
        List<VirtualHost> all = new ArrayList<>(hosts);
        names.forEach((host, name) -> {
            VirtualHost meant = made.get(name.host());
            if (meant != null) {
                all.add(
                        name.redirects()
                                ? new VirtualHost(host, List.of(redirect(host, name)))
                                : new VirtualHost(
                                        host, meant.routes(), meant.clientCertificates()));
            }
        });
        return all;
    }

    private static Route redirect(HostMatch host, Name name) {
        return new Route(
                Draft.id(name.by().name(), HostName.text(host), "www"),
                new Route.Origin(name.by().namespace(), name.by().subject().name(), "", ""),
                new PathMatch.Any(),
                new Route.Action.Redirect(
                        MOVED, Optional.of(HostName.text(name.host())), Optional.empty()),
                List.of());
    }
}
