package dev.fairway.controller.compile;

import dev.fairway.contract.CertificateBinding;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import dev.fairway.controller.compile.certificate.PemPair;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which hosts ask for TLS, and which key answers for each. A certificate is bound to a host by the
 * oldest Ingress that has a rule for the host and a certificate for it: never by a name it happens
 * to carry (attack A12).
 */
final class TlsPlan {
    private final TlsContent content;
    private final boolean compatible;
    private final Optional<KeyId> defaultKey;
    private final Map<String, KeyId> boundBefore = new HashMap<>();
    private final Problems problems;

    private final TreeMap<String, Binding> bindings = new TreeMap<>();
    private final Map<KeyId, Keys.Key> keys = new HashMap<>();

    /** Who gave a host its certificate. */
    private record Binding(Source owner, Optional<KeyId> asked, Optional<KeyId> key) {}

    TlsPlan(
            TlsContent content,
            boolean compatible,
            Optional<KeyId> defaultKey,
            Snapshot before,
            Problems problems) {
        this.content = content;
        this.compatible = compatible;
        this.defaultKey = defaultKey;
        this.problems = problems;
        before.certificates()
                .forEach(b -> b.key().ifPresent(key -> boundBefore.put(b.serverName(), key)));
    }

    boolean asksForTls(HostMatch host) {
        return bindings.containsKey(HostName.text(host));
    }

    List<CertificateBinding> bindings() {
        return bindings.entrySet().stream()
                .map(e -> new CertificateBinding(e.getKey(), e.getValue().key()))
                .toList();
    }

    Map<KeyId, Keys.Key> keys() {
        return keys;
    }

    /**
     * Takes in one Ingress; the oldest first.
     *
     * @param ruled hosts that any Ingress has a rule for: theirs alone to give a certificate
     * @param others what else the Ingress calls its hosts
     */
    void add(Rules rules, Set<String> ruled, Map<HostMatch, OtherNames.Name> others) {
        List<IngressTLS> entries =
                Optional.ofNullable(rules.source().spec().getTls()).orElse(List.of());
        if (entries.isEmpty()) {
            return;
        }
        Set<String> own = new HashSet<>();
        for (HostMatch host : rules.hosts()) {
            String name = HostName.text(host);
            own.add(name);
            if (!name.isEmpty()) {
                choose(rules, entries, name).ifPresent(i -> bind(rules, entries.get(i), i, name));
            }
        }
        others.forEach((other, name) -> {
            String text = HostName.text(other);
            own.add(text);
            choose(rules, entries, text)
                    .or(() -> choose(rules, entries, HostName.text(name.host())))
                    .ifPresent(i -> bind(rules, entries.get(i), i, text));
        });
        boolean everyHost = own.contains("") || rules.catchAll();
        for (int i = 0; i < entries.size(); i++) {
            for (String written : hosts(entries.get(i))) {
                Optional<String> host = HostName.parse(written).map(HostName::text);
                if (host.isEmpty() || host.get().isEmpty()) {
                    problems.report(
                            ProblemCode.HOST_INVALID,
                            rules.source().subject(),
                            "spec.tls[" + i + "].hosts",
                            Printable.quoted(written)
                                    + " is no DNS name and no *.name; it is left out");
                } else if (own.contains(host.get()) || usedByWildcard(own, host.get())) {
                    continue;
                } else if (!ruled.contains(host.get())
                        && (covered(own, host.get())
                                || (everyHost && !covered(ruled, host.get())))) {
                    bind(rules, entries.get(i), i, host.get());
                } else {
                    problems.report(
                            ProblemCode.TLS_HOST_WITHOUT_RULE,
                            rules.source().subject(),
                            "spec.tls[" + i + "].hosts",
                            "no rule of this Ingress is for "
                                    + Printable.quoted(written)
                                    + "; the certificate is not used for it");
                }
            }
        }
    }

    /** The entry that lists the host, else one that stands for it. */
    private Optional<Integer> choose(Rules rules, List<IngressTLS> entries, String host) {
        for (int i = 0; i < entries.size(); i++) {
            if (hosts(entries.get(i)).stream().anyMatch(host::equalsIgnoreCase)) {
                return Optional.of(i);
            }
        }
        for (int i = 0; i < entries.size(); i++) {
            Set<String> listed = new HashSet<>();
            hosts(entries.get(i)).forEach(h -> listed.add(h.toLowerCase(Locale.ROOT)));
            if (covered(listed, host)) {
                return Optional.of(i);
            }
        }
        for (int i = 0; i < entries.size(); i++) {
            // ingress-nginx looks into every certificate of the Ingress; no hosts at all: both do
            boolean searched = compatible || hosts(entries.get(i)).isEmpty();
            if (searched && names(rules.source(), entries.get(i), host)) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    private boolean names(Source source, IngressTLS entry, String host) {
        return secret(entry)
                .flatMap(name -> content.find(source.namespace(), name).pair())
                .filter(pair -> pair.covers(host))
                .isPresent();
    }

    private void bind(Rules rules, IngressTLS entry, int index, String host) {
        Source source = rules.source();
        String field = "spec.tls[" + index + "].secretName";
        Optional<KeyId> asked = secret(entry).map(s -> TlsContent.id(source.namespace(), s));
        Binding older = bindings.get(host);
        if (older != null) {
            if (!older.asked().equals(asked) && !older.owner().equals(source)) {
                problems.report(
                        ProblemCode.CERTIFICATE_SHADOWED,
                        source.subject(),
                        field,
                        "the host "
                                + Printable.quoted(host)
                                + " has another certificate by the Ingress "
                                + Printable.plain(older.owner().name())
                                + ", which comes first; this one is not used for it");
            }
            return;
        }
        Optional<KeyId> key =
                secret(entry).isPresent()
                        ? key(source, secret(entry).get(), host, field)
                        : withoutSecret(source, host, field);
        bindings.put(host, new Binding(source, asked, key));
    }

    private Optional<KeyId> withoutSecret(Source source, String host, String field) {
        if (defaultKey.isEmpty()) {
            problems.report(
                    ProblemCode.CERTIFICATE_MISSING,
                    source.subject(),
                    field,
                    "the entry names no Secret and there is no default certificate; TLS handshakes for "
                            + Printable.quoted(host)
                            + " are refused");
        }
        return defaultKey;
    }

    private Optional<KeyId> key(Source source, String secret, String host, String field) {
        KeyId id = TlsContent.id(source.namespace(), secret);
        TlsContent.Found found = content.find(source.namespace(), secret);
        Optional<PemPair.Good> usable = found.pair().filter(pair -> pair.covers(host));
        Optional<TlsContent.Complaint> complaint = found.complaint();
        if (found.pair().isPresent() && usable.isEmpty()) {
            complaint =
                    Optional.of(
                            new TlsContent.Complaint(
                                    ProblemCode.CERTIFICATE_DOES_NOT_COVER_HOST,
                                    "the certificate in the Secret "
                                            + Printable.quoted(secret)
                                            + " has no DNS name that covers "
                                            + Printable.quoted(host)));
        }
        boolean lastGood = usable.isPresent() && found.lastGood();
        Optional<KeyId> key = usable.map(pair -> publish(id, pair));
        if (key.isEmpty()) {
            key = bindingBefore(source, host);
            lastGood = key.isPresent();
        }
        String end =
                key.isPresent() && !lastGood
                        ? ""
                        : lastGood
                                ? "; the last good certificate stays in use"
                                : defaultForBad().isPresent()
                                        ? "; the default certificate is used"
                                        : "; TLS handshakes for the host are refused";
        complaint.ifPresent(
                c -> problems.report(c.code(), source.subject(), field, c.text() + end));
        return key.or(this::defaultForBad);
    }

    private Optional<KeyId> defaultForBad() {
        return compatible ? defaultKey : Optional.empty();
    }

    /** What the host had before, from the same namespace: never another tenant's. */
    private Optional<KeyId> bindingBefore(Source source, String host) {
        String own = "tls/" + source.namespace() + "/";
        return Optional.ofNullable(boundBefore.get(host))
                .filter(id -> id.value().startsWith(own))
                .flatMap(id ->
                        content.find(source.namespace(), id.value().substring(own.length()))
                                .pair()
                                .filter(pair -> pair.covers(host))
                                .map(pair -> publish(id, pair)));
    }

    private KeyId publish(KeyId id, PemPair.Good pair) {
        keys.put(id, pair.certificate());
        return id;
    }

    private static Optional<String> secret(IngressTLS entry) {
        return Optional.ofNullable(entry.getSecretName()).filter(name -> !name.isEmpty());
    }

    private static List<String> hosts(IngressTLS entry) {
        return new ArrayList<>(Optional.ofNullable(entry.getHosts()).orElse(List.of()));
    }

    /** Whether a wildcard among the names stands for the host. */
    private static boolean covered(Set<String> names, String host) {
        int dot = host.indexOf('.');
        return dot > 0 && !host.startsWith("*.") && names.contains("*" + host.substring(dot));
    }

    /** Whether a wildcard entry is there for more exact rules. */
    private static boolean usedByWildcard(Set<String> own, String listed) {
        return listed.startsWith("*.")
                && own.stream().anyMatch(host -> covered(Set.of(listed), host));
    }
}
