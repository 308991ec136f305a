package dev.fairway.controller.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.contract.VirtualHost;
import dev.fairway.contract.codec.Decoded;
import dev.fairway.contract.codec.SnapshotCodec;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every cluster. All chance is seeded. */
class CompilerPropertiesTest {
    private static final CompileOptions NATIVE = CaseFolder.options("{}");

    @Test
    void any_order_of_the_input_gives_the_same_bytes() {
        Random random = new Random(7);
        int shuffles = 0;
        for (int seed = 0; seed < 10; seed++) {
            List<HasMetadata> objects = new GeneratedCluster(seed).objects(60);
            String expected = everything(compile(objects));
            for (int i = 0; i < 60; i++) {
                Collections.shuffle(objects, random);
                assertEquals(expected, everything(compile(objects)), "cluster " + seed);
                shuffles++;
            }
        }
        assertTrue(shuffles >= 500);
    }

    @Test
    void every_case_folder_compiles_to_the_same_bytes_twice_and_reversed() throws IOException {
        for (CaseFolder folder : CaseFolder.all()) {
            FixedRandomness randomness = new FixedRandomness();
            ClusterState state = CaseFolder.cluster(folder.text("cluster.yaml").orElseThrow());
            ClusterState reversed =
                    new ClusterState(
                            state.ingresses().reversed(),
                            state.classes().reversed(),
                            state.services().reversed(),
                            state.slices().reversed(),
                            state.secrets().reversed(),
                            state.configMaps().reversed());
            Compiler compiler = new Compiler(randomness);
            String first = everything(compile(compiler, state, folder.options()));
            assertEquals(
                    first,
                    everything(compile(compiler, reversed, folder.options())),
                    folder.name());
            assertEquals(
                    first,
                    everything(compile(new Compiler(randomness), state, folder.options())),
                    folder.name());
        }
    }

    @Test
    void what_the_compiler_writes_the_data_plane_can_read() throws IOException {
        for (CaseFolder folder : CaseFolder.all()) {
            Compilation compilation = folder.compile();
            assertEquals(
                    new Decoded.Accepted<>(compilation.snapshot()),
                    SnapshotCodec.decodeSnapshot(SnapshotCodec.encode(compilation.snapshot())),
                    folder.name());
            assertEquals(
                    new Decoded.Accepted<>(compilation.endpoints()),
                    SnapshotCodec.decodeEndpoints(SnapshotCodec.encode(compilation.endpoints())),
                    folder.name());
            assertEquals(
                    new Decoded.Accepted<>(compilation.keys()),
                    SnapshotCodec.decodeKeys(SnapshotCodec.encode(compilation.keys())),
                    folder.name());
        }
    }

    @Test
    void a_route_only_ever_uses_secrets_of_its_own_namespace() {
        int seen = 0;
        for (int seed = 100; seed < 200; seed++) {
            Compilation compilation = compile(new GeneratedCluster(seed).objects(60));
            for (VirtualHost host : compilation.snapshot().hosts()) {
                for (Route route : host.routes()) {
                    for (Policy policy : route.policies()) {
                        if (policy instanceof Policy.BasicAuth basic) {
                            own(route, "users/", basic.users());
                            seen++;
                        }
                        if (policy instanceof Policy.UpstreamTls tls) {
                            tls.identity().ifPresent(id -> own(route, "upstream/", id));
                        }
                    }
                }
            }
        }
        assertTrue(seen > 20, "only " + seen + " routes with a Secret");
    }

    private static void own(Route route, String kind, KeyId key) {
        assertTrue(
                key.value().startsWith(kind + route.origin().namespace() + "/"),
                () -> route.id() + " uses " + key);
    }

    @Test
    void hostile_text_anywhere_in_an_ingress_harms_no_other_and_leaves_problems_printable() {
        Random random = new Random(42);
        Ingress good =
                Serialization.unmarshal(
                        """
                        apiVersion: networking.k8s.io/v1
                        kind: Ingress
                        metadata: {name: good, namespace: zz, creationTimestamp: "2020-01-01T00:00:00Z"}
                        spec:
                          ingressClassName: fairway
                          defaultBackend: {service: {name: s, port: {number: 80}}}
                          rules: [{host: good.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]
                        """,
                        Ingress.class);
        String alone = null;
        for (int i = 0; i < 1000; i++) {
            List<HasMetadata> objects = new GeneratedCluster(i % 20).objects(3);
            List<HasMetadata> hostile = new ArrayList<>(List.of(good));
            for (HasMetadata object : objects) {
                hostile.add(object instanceof Ingress ingress ? mutated(ingress, random) : object);
            }
            Compilation compilation = compile(hostile);
            String host =
                    new String(SnapshotCodec.encode(compilation.snapshot()), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> line.contains("\"zz/good#good.test#Prefix/\""))
                            .findFirst()
                            .orElse("");
            alone = alone == null ? host : alone;
            assertFalse(host.isEmpty());
            assertEquals(alone, host);
            for (Problem problem : compilation.problems()) {
                assertTrue(
                        (problem.field() + problem.text())
                                .chars()
                                .allMatch(c -> c >= 32 && c < 127),
                        problem.text());
                assertTrue(problem.text().length() < 700, problem.text());
            }
        }
    }

    /** One value of the YAML replaced by something nobody should write. */
    private static Ingress mutated(Ingress ingress, Random random) {
        String[] evil = {
            "\\r\\nX: y",
            "\\u0000",
            "\\e[2J",
            "$(reboot)",
            "../../etc/passwd",
            "{{ . }}",
            "\\u2028",
            "(((((((((((((((((((",
            "(a*)*b",
            "%00",
            "*",
            "-1",
            "99999999999999999999",
            "tenant/secret"
        };
        List<String> lines = new ArrayList<>(Serialization.asYaml(ingress).lines().toList());
        for (int tries = 0; tries < 20; tries++) {
            int at = random.nextInt(lines.size());
            String line = lines.get(at);
            int colon = line.indexOf(": ");
            if (colon > 0
                    && !line.contains("kind:")
                    && !line.contains("apiVersion:")
                    && !line.contains("number:")
                    && !line.contains("ingressClassName")) {
                lines.set(
                        at,
                        line.substring(0, colon)
                                + ": \""
                                + evil[random.nextInt(evil.length)]
                                + "\"");
                break;
            }
        }
        return Serialization.unmarshal(String.join("\n", lines), Ingress.class);
    }

    private static Compilation compile(List<HasMetadata> objects) {
        return compile(new Compiler(new FixedRandomness()), CaseFolder.state(objects), NATIVE);
    }

    private static Compilation compile(
            Compiler compiler, ClusterState state, CompileOptions options) {
        return compiler.compile(state, options, Retained.NOTHING, CaseFolder.NOW);
    }

    private static String everything(Compilation compilation) {
        return new String(SnapshotCodec.encode(compilation.snapshot()), StandardCharsets.UTF_8)
                + new String(SnapshotCodec.encode(compilation.endpoints()), StandardCharsets.UTF_8)
                + new String(SnapshotCodec.encode(compilation.keys()), StandardCharsets.UTF_8)
                + compilation.problems()
                + compilation.served();
    }
}
