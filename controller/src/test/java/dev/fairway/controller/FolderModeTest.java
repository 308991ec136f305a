package dev.fairway.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.codec.SharedConfig;
import dev.fairway.controller.observe.ControllerMetrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder in, a folder out, a whole controller between. */
class FolderModeTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir private Path manifests;
    @TempDir private Path shared;

    private final List<String> over = new CopyOnWriteArrayList<>();
    private Controller controller;

    @BeforeEach
    void start() throws IOException {
        write("web.yaml", ingress("web", "web.example"));
        controller = controller();
        controller.start();
        Eventually.within(SOON, "the first publication", () -> routes().contains("web.example"));
    }

    @AfterEach
    void end() {
        controller.close();
    }

    @Test
    void an_edited_file_is_published_and_old_chunks_stay_for_slow_readers() throws Exception {
        write("web.yaml", ingress("web", "other.example"));
        Eventually.within(SOON, "the edit", () -> routes().contains("other.example"));
        assertTrue(chunks().contains("web.example"));
    }

    @Test
    void a_new_sub_folder_is_read_too() throws Exception {
        Files.createDirectory(manifests.resolve("team"));
        write("team/more.yml", ingress("more", "more.example"));
        Eventually.within(SOON, "the new file", () -> routes().contains("more.example"));
        Files.delete(manifests.resolve("team/more.yml"));
        Eventually.within(SOON, "its end", () -> !routes().contains("more.example"));
    }

    @Test
    void a_broken_document_is_named_with_file_document_and_line_and_harms_no_other()
            throws Exception {
        write("web.yaml", ingress("web", "kept.example") + "---\n" + ingress("two", "two.example"));
        Eventually.within(SOON, "both", () -> routes().contains("two.example"));

        write(
                "web.yaml",
                ingress("web", "changed.example")
                        + "---\n"
                        + ingress("two", "two.example").replace("rules:", "rules: [\n"));

        Eventually.within(SOON, "the good document", () -> routes().contains("changed.example"));
        assertTrue(routes().contains("two.example"), "the last good one holds");
        String problems = get("/problems");
        assertTrue(problems.contains("\"code\":\"BrokenDocument\""), problems);
        assertTrue(problems.contains("\"name\":\"web.yaml\""), problems);
        assertTrue(problems.contains("document 2, line "), problems);

        write("web.yaml", ingress("web", "web.example"));
        Eventually.within(SOON, "no problem", () -> get("/problems").equals("[]\n"));
    }

    @Test
    void a_DataPlane_with_wrong_listeners_costs_the_listeners_alone() throws Exception {
        write(
                "dataplane.yaml",
                """
                apiVersion: fairway.dev/v1alpha1
                kind: DataPlane
                metadata: {name: d}
                spec:
                  listeners:
                  - {name: one, port: 70000, protocol: HTTP}
                """);
        write("more.yaml", ingress("more", "more.example"));
        Eventually.within(SOON, "the other file", () -> routes().contains("more.example"));
        assertTrue(get("/problems").contains("InvalidListener"), get("/problems"));
        assertTrue(routes().contains("\"https\""), routes());
    }

    @Test
    void a_second_controller_on_the_same_folder_waits_and_says_why() throws Exception {
        try (Controller second = controller()) {
            second.start();
            Eventually.within(
                    SOON,
                    "its excuse",
                    () -> get(second, "/readyz").contains("another controller writes to"));
        }
    }

    @Test
    void a_deleted_chunk_comes_back_and_keys_are_for_their_owner_alone() throws Exception {
        try (Stream<Path> files = Files.list(shared.resolve(SharedConfig.CHUNK_FOLDER))) {
            for (Path chunk : files.toList()) {
                Files.delete(chunk);
            }
        }
        Eventually.within(SOON, "the chunks", () -> routes().contains("web.example"));
        try (Stream<Path> files = Files.list(shared.resolve(SharedConfig.KEY_FOLDER))) {
            for (Path key : files.toList()) {
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
            }
        }
    }

    @Test
    void the_admin_port_answers_its_own_paths_by_GET_alone() throws Exception {
        assertEquals("ok\n", get("/healthz"));
        assertEquals("ok\n", get("/readyz"));
        assertTrue(get("/metrics").contains("fairway_controller_publications_total 1.0"));
        assertEquals("not found\n", get("/healthzz"));
        HttpResponse<String> post =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(uri(controller, "/healthz"))
                                        .POST(HttpRequest.BodyPublishers.noBody())
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        assertEquals(405, post.statusCode());
    }

    private Controller controller() throws IOException {
        return switch (ControllerSettings.parse(
                Map.of(),
                "--manifests=" + manifests,
                "--publish-folder=" + shared,
                "--health-address=127.0.0.1:0")) {
            case ControllerSettings.Parsed.Run run ->
                    Controller.of(
                            run.settings(),
                            null,
                            new PlainCompile(),
                            new ControllerMetrics(),
                            over::add);
            case ControllerSettings.Parsed.Help help -> throw new AssertionError(help);
            case ControllerSettings.Parsed.Wrong wrong -> throw new AssertionError(wrong);
        };
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(manifests.resolve(name), text);
    }

    private static String ingress(String name, String host) {
        return """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: %s
          annotations: {}
        spec:
          ingressClassName: fairway
          rules:
          - host: %s
        """
                .formatted(name, host);
    }

    /** What any chunk says. */
    private String chunks() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(shared.resolve(SharedConfig.CHUNK_FOLDER))) {
            for (Path chunk : files.toList()) {
                all.append(Files.readString(chunk));
            }
        }
        return all.toString();
    }

    /** What the chunks say that the manifest names. */
    private String routes() throws IOException {
        String manifest = Files.readString(shared.resolve(SharedConfig.MANIFEST_FILE));
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(shared.resolve(SharedConfig.CHUNK_FOLDER))) {
            for (Path chunk : files.toList()) {
                if (manifest.contains(chunk.getFileName().toString())) {
                    all.append(Files.readString(chunk));
                }
            }
        }
        return all.toString();
    }

    private String get(String path) throws Exception {
        return get(controller, path);
    }

    private static String get(Controller from, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri(from, path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static URI uri(Controller of, String path) {
        return URI.create("http://127.0.0.1:" + of.adminPort() + path);
    }
}
