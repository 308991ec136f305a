package dev.fairway.dataplane.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.codec.Chunks;
import dev.fairway.contract.codec.SharedConfig;
import dev.fairway.dataplane.generation.Candidate;
import dev.fairway.dataplane.observe.SnapshotStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loader over the folder carrier, and the last good copy. */
class LoaderTest {
    private static final Keys SEED =
            new Keys(List.of(new Keys.Entry(new KeyId("seed/a"), new Keys.Key.Seed("c2VjcmV0"))));

    @TempDir Path folder;
    @TempDir Path state;
    @TempDir Path memory;

    private final Activations activations = new Activations();
    private final SnapshotStatus status = new SnapshotStatus();
    private Loader loader;

    @AfterEach
    void close() {
        if (loader != null) {
            loader.close();
        }
    }

    private void start(LastGoodCopy copy) {
        start(new FolderSource(folder), copy);
    }

    private void start(SnapshotSource source, LastGoodCopy copy) {
        loader =
                new Loader(
                        source, copy, activations, status, InstantSource.system(), new Random(1));
        loader.start();
    }

    private LastGoodCopy copy() {
        return new LastGoodCopy(state, memory);
    }

    private static Publications publication(long epoch, long sequence, String host) {
        return Publications.of(
                epoch,
                sequence,
                Publications.host(host),
                Publications.endpoint("10.0.0.1", 80),
                SEED);
    }

    @Test
    void a_published_snapshot_becomes_active_and_a_newer_one_replaces_it() throws Exception {
        start(null);
        publication(1, 1, "a.example").writeTo(folder);
        assertEquals("a.example", Activations.host(activations.next()));
        publication(1, 2, "b.example").writeTo(folder);
        Candidate second = activations.next();
        assertEquals("b.example", Activations.host(second));
        assertTrue(second.routesChanged());
        assertFalse(second.endpointsChanged());
        assertFalse(second.keysChanged());
    }

    @Test
    void documents_that_did_not_change_are_the_same_objects_and_are_not_read_again()
            throws Exception {
        start(null);
        publication(1, 1, "a.example").writeTo(folder);
        Candidate first = activations.next();
        Publications next =
                Publications.of(
                        1,
                        2,
                        Publications.host("a.example"),
                        Publications.endpoint("10.0.0.2", 80),
                        SEED);
        next.writeTo(folder);
        Candidate second = activations.next();
        assertSame(first.snapshot(), second.snapshot());
        assertSame(first.keys(), second.keys());
        assertTrue(second.endpointsChanged());
        assertFalse(second.routesChanged());

        for (Chunks.Chunk chunk : next.routes()) {
            Files.delete(folder.resolve(SharedConfig.CHUNK_FOLDER).resolve(chunk.hash()));
        }
        Publications third =
                Publications.of(1, 3, Publications.host("a.example"), Endpoints.NONE, SEED);
        for (Chunks.Chunk chunk : third.endpoints()) {
            Files.write(
                    folder.resolve(SharedConfig.CHUNK_FOLDER).resolve(chunk.hash()), chunk.bytes());
        }
        Files.write(folder.resolve(SharedConfig.MANIFEST_FILE), third.manifestBytes());
        assertEquals(3, activations.next().sequence());
    }

    @Test
    void a_lower_epoch_or_sequence_is_refused_and_a_higher_one_taken() throws Exception {
        start(null);
        publication(2, 5, "a.example").writeTo(folder);
        activations.next();
        publication(1, 9, "deposed.example").writeTo(folder);
        Activations.refusal(status, "not-newer");
        publication(2, 4, "older.example").writeTo(folder);
        activations.noneFor(300);
        assertEquals(5, status.active().sequence());
        publication(3, 1, "b.example").writeTo(folder);
        assertEquals("b.example", Activations.host(activations.next()));
    }

    @Test
    void a_missing_chunk_is_waited_for() throws Exception {
        start(null);
        Publications first = publication(1, 1, "a.example");
        Files.createDirectories(folder.resolve(SharedConfig.KEY_FOLDER));
        Files.createDirectories(folder.resolve(SharedConfig.CHUNK_FOLDER));
        Files.write(folder.resolve(SharedConfig.MANIFEST_FILE), first.manifestBytes());
        Activations.refusal(status, "incomplete");
        assertNull(status.active());
        first.writeTo(folder);
        assertEquals("a.example", Activations.host(activations.next()));
    }

    @Test
    void a_chunk_with_other_content_is_refused_and_the_active_snapshot_stays() throws Exception {
        start(null);
        publication(1, 1, "a.example").writeTo(folder);
        activations.next();
        Publications second = publication(1, 2, "b.example");
        Path chunk =
                folder.resolve(SharedConfig.CHUNK_FOLDER)
                        .resolve(second.routes().getFirst().hash());
        Files.write(chunk, "something else\n".getBytes(StandardCharsets.UTF_8));
        Files.write(folder.resolve(SharedConfig.MANIFEST_FILE), second.manifestBytes());
        Activations.refusal(status, "incomplete");
        assertEquals(1, status.active().sequence());
    }

    @Test
    void a_manifest_that_is_no_manifest_is_refused_and_the_next_good_one_taken() throws Exception {
        start(null);
        publication(1, 1, "a.example").writeTo(folder);
        activations.next();
        Files.writeString(folder.resolve(SharedConfig.MANIFEST_FILE), "{\"format\":1,\"epo");
        Activations.refusal(status, "manifest");
        publication(1, 2, "b.example").writeTo(folder);
        assertEquals("b.example", Activations.host(activations.next()));
    }

    @Test
    void what_can_not_be_built_is_refused_and_code_that_breaks_takes_nothing_down()
            throws Exception {
        start(null);
        publication(1, 1, "a.example").writeTo(folder);
        activations.next();
        publication(1, 2, "refused.example").writeTo(folder);
        Activations.refusal(status, "routes");
        publication(1, 3, "broken.example").writeTo(folder);
        Activations.refusal(status, "failure");
        assertEquals(1, status.active().sequence());
        publication(1, 4, "b.example").writeTo(folder);
        assertEquals("b.example", Activations.host(activations.next()));
        assertEquals(1L, status.refusals().get("routes"));
    }

    @Test
    void the_last_good_copy_serves_while_the_source_is_silent() throws Exception {
        start(copy());
        publication(4, 7, "a.example").writeTo(folder);
        Candidate first = activations.next();
        waitForCopy();
        loader.close();

        start(new SilentSource(), copy());
        Candidate restored = activations.next();
        assertEquals(4, restored.epoch());
        assertEquals(7, restored.sequence());
        assertEquals(first.snapshot(), restored.snapshot());
        assertEquals(first.keys(), restored.keys());
    }

    @Test
    void keys_are_kept_apart_and_for_the_owner_alone() throws Exception {
        start(copy());
        publication(1, 1, "a.example").writeTo(folder);
        activations.next();
        waitForCopy();
        try (Stream<Path> files = Files.list(memory)) {
            List<Path> kept = files.toList();
            assertEquals(1, kept.size());
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(kept.getFirst())));
        }
        try (Stream<Path> files = Files.walk(state)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertFalse(Files.readString(file).contains("c2VjcmV0"), file.toString());
            }
        }
    }

    @Test
    void a_corrupt_copy_is_ignored() throws Exception {
        start(copy());
        publication(1, 1, "a.example").writeTo(folder);
        activations.next();
        waitForCopy();
        loader.close();
        try (Stream<Path> files = Files.list(state.resolve(SharedConfig.CHUNK_FOLDER))) {
            Files.write(files.findFirst().orElseThrow(), new byte[] {1, 2, 3});
        }
        start(copy());
        // Only what the folder still holds comes; it is told after the copy was looked at.
        assertEquals("a.example", Activations.host(activations.next()));
        assertEquals("incomplete", status.lastRefusal().reason());
    }

    private void waitForCopy() throws Exception {
        Path manifest = state.resolve(SharedConfig.MANIFEST_FILE);
        for (int i = 0; i < 500 && !Files.exists(manifest); i++) {
            Thread.sleep(10);
        }
        assertTrue(Files.exists(manifest), "no copy was kept");
    }

    /** An API server that is away. */
    private static final class SilentSource implements SnapshotSource {
        @Override
        public void start(Consumer<byte[]> manifests) {}

        @Override
        public byte[] chunk(Part part, String hash) throws IOException {
            throw new IOException("away");
        }

        @Override
        public void reread() {}

        @Override
        public void close() {}
    }

    @Test
    void an_empty_snapshot_is_a_snapshot() throws Exception {
        start(null);
        Publications.of(1, 1, Snapshot.EMPTY, Endpoints.NONE, Keys.NONE).writeTo(folder);
        assertEquals("", Activations.host(activations.next()));
    }
}
