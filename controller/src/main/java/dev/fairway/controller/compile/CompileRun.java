package dev.fairway.controller.compile;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.controller.compile.Problem.Subject;
import dev.fairway.controller.compile.annotation.GlobalSettings;
import dev.fairway.controller.compile.annotation.Vocabulary;
import dev.fairway.controller.compile.certificate.PairMemory;
import dev.fairway.controller.compile.certificate.PemPair;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One compile: passes over the Ingresses until none throws (the first pass, but for a fault of
 * ours), and the result of the last.
 */
final class CompileRun {
    private static final KeyId SELF_SIGNED = new KeyId("default-certificate");

    /** A self-signed certificate is made anew this long before it ends. */
    private static final Duration RENEWAL = Duration.ofDays(30);

    private final Randomness randomness;
    private final PairMemory pairs;
    private final Catalogue catalogue;
    private final CompileOptions options;
    private final Retained before;
    private final Instant now;
    private final Map<KeyId, Keys.Key> retained = new HashMap<>();

    CompileRun(
            Randomness randomness,
            PairMemory pairs,
            ClusterState state,
            CompileOptions options,
            Retained before,
            Instant now) {
        this.randomness = randomness;
        this.pairs = pairs;
        this.catalogue = new Catalogue(state);
        this.options = options;
        this.before = before;
        this.now = now;
        before.keys().entries().forEach(entry -> retained.put(entry.id(), entry.key()));
    }

    Compilation run() {
        ClassSelection selection = new ClassSelection(catalogue, options);
        List<Ingress> ours =
                catalogue.ingresses().stream()
                        .filter(selection::ours)
                        .sorted(Seniority.order(options.compatible()))
                        .toList();
        Set<String> quarantined = new TreeSet<>();
        while (true) {
            List<Ingress> sound =
                    ours.stream().filter(i -> !quarantined.contains(fullName(i))).toList();
            World world = new World(catalogue, options, retained, pairs, this::seed);
            Pass pass = pass(world, sound);
            if (pass.failed().isEmpty()) {
                ours.stream()
                        .filter(i -> quarantined.contains(fullName(i)))
                        .forEach(i -> world.problems().report(quarantine(i)));
                return finish(world, pass, ours);
            }
            quarantined.addAll(pass.failed());
        }
    }

    private record Pass(
            Set<String> failed, List<VirtualHost> hosts, TlsPlan tls, Optional<KeyId> defaultKey) {}

    private Pass pass(World world, List<Ingress> ingresses) {
        TlsContent content = new TlsContent(catalogue, options.compatible(), retained, pairs, now);
        Optional<KeyId> defaultKey = defaultCertificate(world, content);
        TlsPlan tls =
                new TlsPlan(
                        content,
                        options.compatible(),
                        defaultKey,
                        before.snapshot(),
                        world.problems());
        Assembly assembly = new Assembly(world, tls);
        List<VirtualHost> hosts = assembly.assemble(ingresses);
        return new Pass(assembly.failed(), hosts, tls, defaultKey);
    }

    private Compilation finish(World world, Pass pass, List<Ingress> ours) {
        Vocabulary.checkConfig(options.config(), world);
        Settings settings = GlobalSettings.read(world, pass.defaultKey());
        Snapshot snapshot =
                new Snapshot(settings, options.listeners(), pass.tls().bindings(), pass.hosts());
        References references = References.of(snapshot);
        Endpoints endpoints =
                new EndpointMerge(catalogue, options.allowLoopback(), world.problems())
                        .of(references.backends());
        return new Compilation(
                snapshot,
                endpoints,
                keys(world, pass.tls(), references),
                world.problems().sorted(),
                ours.stream().map(CompileRun::fullName).sorted().toList());
    }

    private Keys keys(World world, TlsPlan tls, References references) {
        TreeMap<KeyId, Keys.Key> all = new TreeMap<>(tls.keys());
        all.putAll(world.published());
        all.keySet().retainAll(references.keys());
        // sessions outlive a moment without any route that has affinity
        Optional.ofNullable(retained.get(World.SEED)).ifPresent(s -> all.put(World.SEED, s));
        List<Keys.Entry> entries = new ArrayList<>();
        all.forEach((id, key) -> entries.add(new Keys.Entry(id, key)));
        return new Keys(entries);
    }

    private Optional<KeyId> defaultCertificate(World world, TlsContent content) {
        Optional<KeyId> named =
                options.defaultSslCertificate().flatMap(name -> named(world, content, name));
        return named.isPresent() || !options.compatible() ? named : Optional.of(selfSigned(world));
    }

    private Optional<KeyId> named(World world, TlsContent content, String written) {
        int slash = written.indexOf('/');
        if (slash <= 0 || slash == written.length() - 1) {
            world.problems()
                    .report(
                            ProblemCode.CERTIFICATE_MISSING,
                            new Subject("Secret", "", Printable.plain(written)),
                            "--default-ssl-certificate",
                            Printable.quoted(written) + " is not namespace/name; it is not used");
            return Optional.empty();
        }
        String namespace = written.substring(0, slash);
        String name = written.substring(slash + 1);
        TlsContent.Found found = content.find(namespace, name);
        found.complaint()
                .ifPresent(complaint ->
                        world.problems()
                                .report(
                                        complaint.code(),
                                        new Subject("Secret", namespace, name),
                                        "--default-ssl-certificate",
                                        complaint.text()
                                                + (!found.lastGood()
                                                        ? ""
                                                        : found.pair().isPresent()
                                                                ? "; the last good one"
                                                                        + " stays in use"
                                                                : "; it is not used")));
        KeyId id = TlsContent.id(namespace, name);
        return found.pair()
                .map(pair -> {
                    world.publish(id, pair.certificate());
                    return id;
                });
    }

    private KeyId selfSigned(World world) {
        Keys.Key known = retained.get(SELF_SIGNED);
        boolean usable =
                known instanceof Keys.Key.Certificate certificate
                        && pairs.read(certificate.chainPem(), certificate.privateKeyPem())
                                instanceof PemPair.Good good
                        && good.validAt(now)
                        && good.validAt(now.plus(RENEWAL));
        if (known == null || !usable) {
            known = randomness.selfSigned(now);
            retained.put(SELF_SIGNED, known);
        }
        world.publish(SELF_SIGNED, known);
        return SELF_SIGNED;
    }

    private Keys.Key seed() {
        return retained.computeIfAbsent(World.SEED, id -> randomness.seed());
    }

    private static Problem quarantine(Ingress ingress) {
        return new Problem(
                ProblemCode.QUARANTINED.word(),
                new Subject("Ingress", Catalogue.namespace(ingress), Catalogue.name(ingress)),
                "spec",
                "compiling this Ingress failed inside Fairway, which is a fault of Fairway's; nothing"
                        + " of it is served, and no other Ingress is harmed");
    }

    private static String fullName(Ingress ingress) {
        return Catalogue.namespace(ingress) + "/" + Catalogue.name(ingress);
    }
}
