package dev.fairway.controller.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.contract.codec.Decoded;
import dev.fairway.contract.codec.Manifest;
import dev.fairway.contract.codec.ManifestCodec;
import dev.fairway.controller.publish.Carrier.Content;
import dev.fairway.controller.publish.Publisher.FencedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Terms, fences and garbage, on a folder. */
class PublisherTest {

    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

    @TempDir private Path root;

    private final AtomicBoolean leading = new AtomicBoolean(true);
    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
    private FolderCarrier carrier;
    private Publisher publisher;

    @BeforeEach
    void begin() throws Exception {
        carrier = new FolderCarrier(root);
        publisher = publisher();
        publisher.begin();
    }

    @AfterEach
    void end() {
        carrier.close();
    }

    @Test
    void the_first_epoch_is_the_time_and_each_term_counts_one_up_by_a_write_of_its_own()
            throws Exception {
        publish("a.example");
        assertEquals(NOON.getEpochSecond(), stored().epoch());

        Publisher next = publisher();
        next.begin();

        assertEquals(NOON.getEpochSecond() + 1, stored().epoch());
        assertEquals(0, stored().sequence());
        assertEquals(snapshot("a.example"), next.retained().snapshot());
    }

    @Test
    void equal_content_is_not_written_again() throws Exception {
        assertTrue(publish("a.example"));
        Manifest before = stored();
        assertFalse(publish("a.example"));
        assertEquals(before, stored());
    }

    @Test
    void a_writer_of_an_earlier_term_is_stopped_by_the_manifest() throws Exception {
        publish("a.example");
        Publisher next = publisher();
        next.begin();

        assertThrows(FencedException.class, () -> publish("late.example"));
        assertEquals(NOON.getEpochSecond() + 1, stored().epoch());
        assertThrows(FencedException.class, publisher::heal);
    }

    @Test
    void who_no_longer_leads_writes_no_manifest() throws Exception {
        publish("a.example");
        Manifest before = stored();
        leading.set(false);
        assertThrows(FencedException.class, () -> publish("b.example"));
        assertEquals(before, stored());
    }

    @Test
    void a_manifest_of_an_older_backup_is_overwritten_without_going_back() throws Exception {
        publish("a.example");
        Manifest old = stored();
        publish("b.example");
        put(
                new Manifest(
                        1,
                        old.epoch() - 5,
                        1,
                        old.routes(),
                        old.endpoints(),
                        old.keys(),
                        List.of()));

        publisher.heal();

        assertTrue(stored().newerThan(old.epoch(), old.sequence() + 1), stored().toString());
    }

    @Test
    void an_unreadable_manifest_is_replaced_and_nothing_is_retained_from_it() throws Exception {
        publish("a.example");
        carrier.replace(
                carrier.read().map(Carrier.Stored::version),
                "{broken".getBytes(StandardCharsets.UTF_8));
        Publisher next = publisher();
        next.begin();
        assertEquals(Snapshot.EMPTY, next.retained().snapshot());

        next.publish(snapshot("b.example"), Endpoints.NONE, Keys.NONE, new TreeMap<>());

        assertEquals(1, stored().sequence());
    }

    @Test
    void a_chunk_that_was_tampered_with_is_not_retained() throws Exception {
        publish("a.example");
        Path chunk = root.resolve("chunks").resolve(stored().routes().chunks().getFirst());
        Files.writeString(chunk, "{}");
        Publisher next = publisher();
        next.begin();
        assertEquals(Snapshot.EMPTY, next.retained().snapshot());
    }

    @Test
    void garbage_goes_three_manifests_and_a_while_later() throws Exception {
        publish("a.example");
        String first = Carrier.shortId(stored().routes().chunks().getFirst());
        publish("b.example");
        publish("c.example");
        publisher.heal();
        assertTrue(carrier.stored(Content.CONFIG).contains(first), "named by the last three");
        publish("d.example");
        publisher.heal();
        assertTrue(carrier.stored(Content.CONFIG).contains(first), "unused, but not for long");

        now.set(NOON.plus(Sweep.UNUSED).plusSeconds(1));
        publisher.heal();

        assertFalse(carrier.stored(Content.CONFIG).contains(first));
        assertEquals(
                Optional.of(snapshot("d.example")),
                Optional.of(publisher()).map(p -> begun(p).retained().snapshot()));
    }

    @Test
    void watermarks_of_the_view_are_in_the_manifest() throws Exception {
        TreeMap<String, String> marks = new TreeMap<>();
        marks.put("Ingress", "42");
        publisher.publish(snapshot("a.example"), Endpoints.NONE, Keys.NONE, marks);
        assertEquals(List.of(new Manifest.Watermark("Ingress", "42")), stored().watermarks());
    }

    private Publisher publisher() {
        return new Publisher(carrier, leading::get, now::get);
    }

    private static Publisher begun(Publisher publisher) {
        try {
            publisher.begin();
            return publisher;
        } catch (IOException | FencedException e) {
            throw new AssertionError(e);
        }
    }

    private boolean publish(String host) throws IOException, FencedException {
        return publisher.publish(snapshot(host), Endpoints.NONE, Keys.NONE, new TreeMap<>());
    }

    private void put(Manifest manifest) throws IOException {
        carrier.replace(
                carrier.read().map(Carrier.Stored::version), ManifestCodec.encode(manifest));
    }

    private Manifest stored() throws IOException {
        return switch (ManifestCodec.decode(carrier.read().orElseThrow().manifest())) {
            case Decoded.Accepted<Manifest> accepted -> accepted.value();
            case Decoded.Refused<Manifest> refused -> throw new AssertionError(refused.reason());
        };
    }

    private static Snapshot snapshot(String host) {
        return new Snapshot(
                Snapshot.EMPTY.settings(),
                Snapshot.EMPTY.listeners(),
                List.of(),
                List.of(new VirtualHost(new HostMatch.Exact(host), List.of())));
    }
}
