package dev.fairway.controller.compile;

import dev.fairway.contract.codec.Decoded;
import dev.fairway.contract.codec.SnapshotCodec;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Any text as the annotations of one Ingress, a line each, {@code NAME=VALUE} with ingress-nginx's prefix
 * or {@code native NAME=VALUE} with ours ({@code hack/fuzz annotations}). In both modes: compiling never
 * throws; the snapshot can be read back; nothing grows beyond proportion; problems are printable and
 * bounded; a neighbour's host is byte for byte what it is without it (attack ledger A1, A17, A19).
 */
public final class AnnotationTarget {
    private static final String HOST = "good.test";
    private static final Mode NATIVE = new Mode(CaseFolder.options("{}"), "fairway");
    private static final Mode COMPATIBLE =
            new Mode(CaseFolder.options("mode: compatible"), "nginx");

    private AnnotationTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Map<String, String> annotations = annotations(new String(input, StandardCharsets.UTF_8));
        check(annotations, NATIVE, input.length);
        check(annotations, COMPATIBLE, input.length);
    }

    private static Map<String, String> annotations(String text) {
        Map<String, String> annotations = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                boolean ours = line.startsWith("native ");
                String name = line.substring(ours ? 7 : 0, Math.max(ours ? 7 : 0, equals));
                annotations.put(
                        (ours ? "fairway.dev/" : "nginx.ingress.kubernetes.io/") + name,
                        line.substring(equals + 1).replace("\\n", "\n"));
            }
        }
        return annotations;
    }

    private static void check(Map<String, String> annotations, Mode mode, int size) {
        Ingress odd =
                new IngressBuilder(mode.odd)
                        .editMetadata()
                        .withAnnotations(annotations)
                        .endMetadata()
                        .build();
        Compilation both = mode.compile(List.of(mode.good, odd));
        byte[] bytes = SnapshotCodec.encode(both.snapshot());
        require(
                SnapshotCodec.decodeSnapshot(bytes).equals(new Decoded.Accepted<>(both.snapshot())),
                "the snapshot does not come back equal");
        require(bytes.length < 20_000 + 40L * size, "a snapshot of " + bytes.length);
        require(mode.alone.equals(line(bytes)), "the neighbour's host has changed");
        require(both.problems().size() <= 40 + size, both.problems().size() + " problems");
        for (Problem problem : both.problems()) {
            String text = problem.field() + problem.text();
            require(text.chars().allMatch(c -> c >= 32 && c < 127), "unprintable: " + text);
            require(problem.text().length() < 700, "a problem of " + problem.text().length());
        }
    }

    private static String line(byte[] snapshot) {
        return new String(snapshot, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("two/good#"))
                .findFirst()
                .orElseThrow();
    }

    /** What is the same for every input: the cluster around, the neighbour, what it compiles to alone. */
    private static final class Mode {
        /** Kept: it remembers the pair it has checked, which would be most of the work. */
        private final Compiler compiler = new Compiler(new FixedRandomness());

        final CompileOptions options;
        final List<HasMetadata> around = new ArrayList<>(new GeneratedCluster(1).objects(0));
        final Ingress good;
        final Ingress odd;
        final String alone;

        Mode(CompileOptions options, String className) {
            this.options = options;
            around.removeIf(object -> object.getKind().equals("IngressClass"));
            around.add(
                    Serialization.unmarshal(
                            """
                            apiVersion: networking.k8s.io/v1
                            kind: IngressClass
                            metadata: {name: %s}
                            spec: {controller: %s}
                            """
                                    .formatted(className, options.controllerClass())));
            good = ingress("good", "two", className, HOST);
            odd = ingress("odd", "one", className, "odd.test");
            alone = line(SnapshotCodec.encode(compile(List.of(good)).snapshot()));
        }

        Compilation compile(List<Ingress> ingresses) {
            List<HasMetadata> all = new ArrayList<>(around);
            all.addAll(ingresses);
            return compiler.compile(
                    CaseFolder.state(all), options, Retained.NOTHING, CaseFolder.NOW);
        }
    }

    private static Ingress ingress(String name, String namespace, String className, String host) {
        return Serialization.unmarshal(
                """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: %s, namespace: %s, creationTimestamp: "2026-01-01T00:00:00Z"}
                spec:
                  ingressClassName: %s
                  rules: [{host: %s, http: {paths: [{path: /x, pathType: ImplementationSpecific, backend: {service: {name: s1, port: {number: 80}}}}]}}]
                """
                        .formatted(name, namespace, className, host),
                Ingress.class);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
