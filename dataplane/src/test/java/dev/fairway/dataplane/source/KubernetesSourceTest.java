package dev.fairway.dataplane.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.codec.SharedConfig;
import dev.fairway.dataplane.observe.SnapshotStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesSourceTest {
    private static final String ID = SharedConfig.id("default", "fairway");
    private static final Keys SEED =
            new Keys(List.of(new Keys.Entry(new KeyId("seed/a"), new Keys.Key.Seed("c2VjcmV0"))));

    @TempDir Path folder;
    private final Activations activations = new Activations();
    private final SnapshotStatus status = new SnapshotStatus();
    private FakeApiServer api;
    private Loader loader;
    private Path token;

    @BeforeEach
    void open() throws Exception {
        api = new FakeApiServer();
        token = Files.writeString(folder.resolve("token"), "first\n");
    }

    @AfterEach
    void close() {
        loader.close();
        api.close();
    }

    private void start() throws Exception {
        ApiServer server = new ApiServer(new ApiServer.Address(api.url(), token, null));
        loader =
                new Loader(
                        new KubernetesSource(
                                server,
                                "config",
                                ID,
                                new Random(1),
                                new KubernetesSource.Patience(2, 1, 1)),
                        null,
                        activations,
                        status,
                        InstantSource.system(),
                        new Random(1));
        loader.start();
    }

    private static Publications publication(long sequence, String host) {
        return Publications.of(1, sequence, Publications.host(host), Endpoints.NONE, SEED);
    }

    private void awaitWatch() throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            if (api.requests.stream().anyMatch(r -> r.contains("watch=1"))) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no watch: " + api.requests);
    }

    @Test
    void what_is_there_is_listed_and_what_comes_is_watched() throws Exception {
        api.publish(ID, publication(1, "a.example"));
        api.forgetEvents();
        start();
        assertEquals("a.example", Activations.host(activations.next()));
        awaitWatch();
        api.publish(ID, publication(2, "b.example"));
        assertEquals("b.example", Activations.host(activations.next()));
        assertTrue(api.requests.stream().anyMatch(r -> r.contains("/secrets/")));
        assertTrue(
                api.requests.stream()
                        .filter(r -> r.contains("fieldSelector"))
                        .allMatch(r -> r.contains("metadata.name=default.fairway.manifest")));
    }

    @Test
    void a_manifest_that_comes_later_is_seen() throws Exception {
        start();
        awaitWatch();
        api.publish(ID, publication(1, "a.example"));
        assertEquals("a.example", Activations.host(activations.next()));
    }

    @Test
    void a_watch_that_is_cut_is_begun_again() throws Exception {
        api.publish(ID, publication(1, "a.example"));
        api.forgetEvents();
        start();
        activations.next();
        awaitWatch();
        api.event("cut");
        api.publish(ID, publication(2, "b.example"));
        assertEquals("b.example", Activations.host(activations.next()));
    }

    @Test
    void an_expired_version_leads_back_to_the_list() throws Exception {
        api.publish(ID, publication(1, "a.example"));
        api.forgetEvents();
        start();
        activations.next();
        awaitWatch();
        api.manifestUnseen(publication(2, "b.example"));
        api.chunks(ID, publication(2, "b.example"));
        api.event(
                "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"metadata\":{},"
                        + "\"code\":410,\"message\":\"too old resource version\"}}");
        assertEquals("b.example", Activations.host(activations.next()));
    }

    @Test
    void a_server_that_fails_is_asked_again_and_the_snapshot_stays_active() throws Exception {
        api.publish(ID, publication(1, "a.example"));
        api.forgetEvents();
        start();
        activations.next();
        awaitWatch();
        api.failure = 500;
        api.event("cut");
        activations.noneFor(1_200);
        assertEquals(1, status.active().sequence());
        api.failure = 0;
        api.publish(ID, publication(2, "b.example"));
        assertEquals("b.example", Activations.host(activations.next()));
    }

    @Test
    void the_token_is_read_again_for_each_request() throws Exception {
        api.publish(ID, publication(1, "a.example"));
        api.forgetEvents();
        start();
        activations.next();
        awaitWatch();
        assertTrue(api.tokens.contains("Bearer first"));
        Files.writeString(token, "second");
        api.publish(ID, publication(2, "b.example"));
        activations.next();
        assertTrue(api.tokens.contains("Bearer second"), api.tokens.toString());
    }

    @Test
    void bookmarks_and_unreadable_events_are_lived_with() throws Exception {
        api.publish(ID, publication(1, "a.example"));
        api.forgetEvents();
        start();
        activations.next();
        awaitWatch();
        api.event(
                "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"ConfigMap\",\"metadata\":"
                        + "{\"resourceVersion\":\"150\"}}}");
        api.event("{\"type\":\"MODIFIED\",\"object\":{\"kind\"::::");
        Thread.sleep(100);
        api.publish(ID, publication(2, "b.example"));
        assertEquals("b.example", Activations.host(activations.next()));
    }

    @Test
    void a_chunk_that_is_missing_does_not_make_us_flood_the_server() throws Exception {
        api.manifestUnseen(publication(1, "a.example"));
        start();
        Activations.refusal(status, "incomplete");
        Thread.sleep(1_500);
        int asked = api.requests.size();
        assertTrue(asked < 60, asked + " requests");
        api.chunks(ID, publication(1, "a.example"));
        assertEquals("a.example", Activations.host(activations.next()));
    }

    @Test
    void a_watch_that_died_in_silence_is_noticed() throws Exception {
        api.publish(ID, publication(1, "a.example"));
        api.forgetEvents();
        start();
        activations.next();
        awaitWatch();
        api.event("silence");
        long asked = watches();
        for (int i = 0; i < 600 && watches() == asked; i++) {
            Thread.sleep(10);
        }
        assertTrue(watches() > asked, "still waiting on a dead watch");
        api.publish(ID, publication(2, "b.example"));
        assertEquals("b.example", Activations.host(activations.next()));
    }

    private long watches() {
        return api.requests.stream().filter(r -> r.contains("watch=1")).count();
    }
}
