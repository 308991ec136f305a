package dev.fairway.controller.compile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.codec.SnapshotCodec;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One folder of {@code crds/src/test/resources/cases}:
 *
 * <ul>
 *   <li>{@code cluster.yaml}: the cluster, plain Kubernetes YAML
 *   <li>{@code before.yaml}, when there: the cluster before; what it compiled to is retained
 *   <li>{@code options.yaml}, when there: {@code mode: compatible} and flags by their names
 *   <li>{@code expected.json}: the lines of {@link SnapshotCodec}, one line for each route, and the
 *       ids of the keys
 *   <li>{@code problems.txt}: what the user is told
 *   <li>{@code requests.txt}, when there: {@code METHOD host path -> backend or status}
 * </ul>
 */
record CaseFolder(Path folder) {
    static final Path ROOT = Path.of("../crds/src/test/resources/cases");

    /** Certificates of the cases are valid from 2026-01-01 or expire around this day. */
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    private static final ObjectMapper JSON = new ObjectMapper();

    static List<CaseFolder> all() throws IOException {
        try (var folders = Files.list(ROOT)) {
            return folders.filter(Files::isDirectory).sorted().map(CaseFolder::new).toList();
        }
    }

    String name() {
        return folder.getFileName().toString();
    }

    Optional<String> text(String file) throws IOException {
        Path path = folder.resolve(file);
        return Files.exists(path) ? Optional.of(Files.readString(path)) : Optional.empty();
    }

    Compilation compile() throws IOException {
        CompileOptions options = options();
        Retained retained = Retained.NOTHING;
        Compiler compiler = new Compiler(new FixedRandomness());
        Optional<String> before = text("before.yaml");
        if (before.isPresent()) {
            Compilation earlier =
                    compiler.compile(
                            cluster(before.get()),
                            options,
                            retained,
                            NOW.minusSeconds(86_400 * 60));
            retained = new Retained(earlier.snapshot(), earlier.endpoints(), earlier.keys());
        }
        return compiler.compile(
                cluster(text("cluster.yaml").orElseThrow()), options, retained, NOW);
    }

    CompileOptions options() throws IOException {
        return options(text("options.yaml").orElse("{}"));
    }

    static CompileOptions options(String yaml) {
        Map<?, ?> said = Serialization.unmarshal(yaml, TreeMap.class);
        boolean compatible = "compatible".equals(said.get("mode"));
        Map<String, String> config = new TreeMap<>();
        if (said.get("config") instanceof Map<?, ?> keys) {
            keys.forEach((key, value) -> config.put(key.toString(), value.toString()));
        }
        return new CompileOptions(
                compatible ? "nginx" : "fairway",
                compatible
                        ? CompileOptions.COMPATIBLE_CONTROLLER
                        : CompileOptions.NATIVE_CONTROLLER,
                Boolean.TRUE.equals(said.get("watch-ingress-without-class")),
                Boolean.TRUE.equals(said.get("ingress-class-by-name")),
                Boolean.TRUE.equals(said.get("disable-catch-all")),
                Optional.ofNullable((String) said.get("default-backend-service")),
                Optional.ofNullable((String) said.get("default-ssl-certificate")),
                "nginx.ingress.kubernetes.io",
                Boolean.TRUE.equals(said.get("allow-loopback")),
                Listener.DEFAULTS,
                config);
    }

    static ClusterState cluster(String yaml) {
        List<HasMetadata> all = new ArrayList<>();
        for (String document : yaml.split("(?m)^---\\s*$")) {
            if (!document.isBlank()) {
                all.add(Serialization.unmarshal(document));
            }
        }
        return state(all);
    }

    static ClusterState state(List<HasMetadata> all) {
        return new ClusterState(
                only(all, Ingress.class),
                only(all, IngressClass.class),
                only(all, Service.class),
                only(all, EndpointSlice.class),
                only(all, Secret.class),
                only(all, ConfigMap.class));
    }

    private static <T> List<T> only(List<HasMetadata> all, Class<T> kind) {
        return all.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** A line for each host and route, so that a difference can be read. */
    static String expected(Compilation compilation) throws IOException {
        StringBuilder text = new StringBuilder("{\"routes\":[\n");
        lines(SnapshotCodec.encode(compilation.snapshot()), text);
        text.append("\n],\"endpoints\":[\n");
        lines(SnapshotCodec.encode(compilation.endpoints()), text);
        text.append("\n],\"keys\":[\n");
        List<String> keys = new ArrayList<>();
        for (Keys.Entry entry : compilation.keys().entries()) {
            keys.add(
                    JSON.writeValueAsString(
                            entry.id() + " " + entry.key().getClass().getSimpleName()));
        }
        text.append(String.join(",\n", keys));
        text.append("\n],\"served\":").append(JSON.writeValueAsString(compilation.served()));
        return text.append("}\n").toString();
    }

    private static void lines(byte[] document, StringBuilder text) throws JsonProcessingException {
        List<String> lines = new ArrayList<>();
        for (String line : new String(document, StandardCharsets.UTF_8).lines().toList()) {
            lines.add(spread(JSON.readTree(line)));
        }
        text.append(String.join(",\n", lines));
    }

    private static String spread(JsonNode line) throws JsonProcessingException {
        if (!(line.path("host").path("routes") instanceof ArrayNode routes)) {
            return JSON.writeValueAsString(line);
        }
        List<String> each = new ArrayList<>();
        for (JsonNode route : routes) {
            each.add("  " + JSON.writeValueAsString(route));
        }
        ((ObjectNode) line.get("host")).set("routes", JSON.createArrayNode().add("@"));
        String inner = each.isEmpty() ? "" : "\n" + String.join(",\n", each) + "\n";
        return JSON.writeValueAsString(line).replace("\"@\"", inner);
    }

    static String problems(Compilation compilation) {
        StringBuilder text = new StringBuilder();
        for (Problem problem : compilation.problems()) {
            text.append(problem.code())
                    .append(" | ")
                    .append(problem.object())
                    .append(" | ")
                    .append(problem.field())
                    .append(" | ")
                    .append(problem.text())
                    .append('\n');
        }
        return text.toString();
    }
}
