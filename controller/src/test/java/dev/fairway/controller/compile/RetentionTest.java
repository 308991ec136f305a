package dev.fairway.controller.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.controller.compile.certificate.PemPair;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is asked of chance once and kept, and what a bad certificate can't replace. */
class RetentionTest {
    /** A real pair for good.example, out of the case folders. */
    private static final Secret NEIGHBOUR = neighbour();

    private static final KeyId DEFAULT = new KeyId("default-certificate");

    @Test
    void chance_is_asked_once_and_what_it_said_is_kept() throws IOException {
        CaseFolder affinity = new CaseFolder(CaseFolder.ROOT.resolve("affinity"));
        ClusterState state = CaseFolder.cluster(affinity.text("cluster.yaml").orElseThrow());
        FixedRandomness randomness = new FixedRandomness();
        CompileOptions native_ = CaseFolder.options("{}");
        Compilation first =
                new Compiler(randomness).compile(state, native_, Retained.NOTHING, CaseFolder.NOW);
        assertEquals(1, randomness.asked());
        Compilation second =
                new Compiler(randomness).compile(state, native_, kept(first), CaseFolder.NOW);
        assertEquals(1, randomness.asked());
        assertEquals(first, second);
    }

    @Test
    void a_self_signed_certificate_is_kept_until_a_month_before_its_end() {
        CompileOptions compatible = CaseFolder.options("mode: compatible");
        SystemRandomness chance = new SystemRandomness();
        Instant start = CaseFolder.NOW;
        Compilation first =
                new Compiler(chance)
                        .compile(ClusterState.EMPTY, compatible, Retained.NOTHING, start);
        Keys.Key original = key(first, DEFAULT).orElseThrow();
        Compilation later =
                new Compiler(chance)
                        .compile(
                                ClusterState.EMPTY,
                                compatible,
                                kept(first),
                                start.plus(Duration.ofDays(334)));
        assertEquals(original, key(later, DEFAULT).orElseThrow());
        Compilation renewed =
                new Compiler(chance)
                        .compile(
                                ClusterState.EMPTY,
                                compatible,
                                kept(later),
                                start.plus(Duration.ofDays(336)));
        assertNotEquals(original, key(renewed, DEFAULT).orElseThrow());
    }

    @Test
    void no_mutation_of_a_pair_throws_takes_the_host_down_or_touches_a_neighbour() {
        Random random = new Random(3);
        Keys.Key.Certificate pair = new SystemRandomness().selfSigned(CaseFolder.NOW);
        ClusterState good = twoHosts(pair.chainPem(), pair.privateKeyPem());
        CompileOptions options = CaseFolder.options("watch-ingress-without-class: true");
        Compiler compiler = new Compiler(new FixedRandomness());
        Compilation before = compiler.compile(good, options, Retained.NOTHING, CaseFolder.NOW);
        KeyId victim = new KeyId("tls/shop/victim");
        assertTrue(key(before, victim).isPresent());
        assertTrue(key(before, new KeyId("tls/shop/neighbour")).isPresent());
        int refused = 0;
        for (int i = 0; i < 5000; i++) {
            boolean chain = random.nextBoolean();
            String text = mutated(chain ? pair.chainPem() : pair.privateKeyPem(), random);
            ClusterState bad =
                    chain ? twoHosts(text, pair.privateKeyPem()) : twoHosts(pair.chainPem(), text);
            Compilation after = compiler.compile(bad, options, kept(before), CaseFolder.NOW);
            assertEquals(
                    before.snapshot().certificates(), after.snapshot().certificates(), "pair " + i);
            assertEquals(
                    key(before, new KeyId("tls/shop/neighbour")),
                    key(after, new KeyId("tls/shop/neighbour")));
            if (!after.problems().isEmpty()) {
                refused++;
                assertEquals(key(before, victim), key(after, victim));
            }
        }
        assertTrue(refused > 4000, "only " + refused + " mutations were noticed");
    }

    @Test
    void every_cut_of_a_certificate_and_of_a_key_is_refused() {
        Keys.Key.Certificate pair = new SystemRandomness().selfSigned(CaseFolder.NOW);
        for (int end = 0; end < pair.chainPem().strip().length() - 1; end += 7) {
            assertTrue(
                    PemPair.read(pair.chainPem().substring(0, end), pair.privateKeyPem())
                            instanceof PemPair.Bad);
        }
        for (int end = 0; end < pair.privateKeyPem().strip().length() - 1; end += 3) {
            assertTrue(
                    PemPair.read(pair.chainPem(), pair.privateKeyPem().substring(0, end))
                            instanceof PemPair.Bad);
        }
    }

    private static String mutated(String pem, Random random) {
        int at = 30 + random.nextInt(pem.length() - 60);
        return switch (random.nextInt(4)) {
            case 0 -> pem.substring(0, at);
            case 1 -> pem.substring(0, at) + pem.substring(at + 1);
            case 2 -> pem.substring(0, at) + "\u0000" + pem.substring(at);
            default -> pem.substring(0, at) + pem.substring(at + 8);
        };
    }

    private static ClusterState twoHosts(String chain, String key) {
        StringBuilder yaml = new StringBuilder();
        for (String name : new String[] {"victim", "neighbour"}) {
            yaml.append(
                    """
                    ---
                    apiVersion: networking.k8s.io/v1
                    kind: Ingress
                    metadata: {name: %1$s, namespace: shop}
                    spec:
                      tls: [{hosts: [%2$s], secretName: %1$s}]
                      rules: [{host: %2$s}]
                    """
                            .formatted(
                                    name,
                                    name.equals("victim") ? "ingress.local" : "good.example"));
        }
        ClusterState ingresses = CaseFolder.cluster(yaml.toString());
        return new ClusterState(
                ingresses.ingresses(),
                List.of(),
                List.of(),
                List.of(),
                List.of(
                        secret("victim", chain, key),
                        secret(
                                "neighbour",
                                NEIGHBOUR.getStringData().get("tls.crt"),
                                NEIGHBOUR.getStringData().get("tls.key"))),
                List.of());
    }

    private static Secret secret(String name, String chain, String key) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .endMetadata()
                .withType("kubernetes.io/tls")
                .addToStringData("tls.crt", chain)
                .addToStringData("tls.key", key)
                .build();
    }

    private static Secret neighbour() {
        try {
            String yaml =
                    new CaseFolder(CaseFolder.ROOT.resolve("tls"))
                            .text("cluster.yaml")
                            .orElseThrow();
            return CaseFolder.cluster(yaml).secrets().stream()
                    .filter(s -> s.getMetadata().getName().equals("good"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Retained kept(Compilation compilation) {
        return new Retained(compilation.snapshot(), compilation.endpoints(), compilation.keys());
    }

    private static Optional<Keys.Key> key(Compilation compilation, KeyId id) {
        return compilation.keys().entries().stream()
                .filter(e -> e.id().equals(id))
                .map(Keys.Entry::key)
                .findFirst();
    }
}
