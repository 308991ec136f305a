package dev.fairway.contract.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SnapshotCodecTest {

    /** The released form: a change of these bytes is a change of the format. */
    private static final Path GOLDEN = Path.of("src/test/resources/golden/format-1");

    @Test
    void the_golden_files_of_this_format_are_written_and_read_byte_for_byte() throws IOException {
        golden("routes.jsonl", SnapshotCodec.encode(Samples.SNAPSHOT));
        golden("endpoints.jsonl", SnapshotCodec.encode(Samples.ENDPOINTS));
        golden("keys.jsonl", SnapshotCodec.encode(Samples.KEYS));
        assertEquals(
                Samples.SNAPSHOT, accepted(SnapshotCodec.decodeSnapshot(read("routes.jsonl"))));
        assertEquals(
                Samples.ENDPOINTS,
                accepted(SnapshotCodec.decodeEndpoints(read("endpoints.jsonl"))));
        assertEquals(Samples.KEYS, accepted(SnapshotCodec.decodeKeys(read("keys.jsonl"))));
    }

    @Test
    void every_policy_and_path_kind_of_the_contract_is_in_the_golden_file() throws IOException {
        String golden = new String(read("routes.jsonl"), StandardCharsets.UTF_8);
        for (Class<?> root :
                List.of(
                        dev.fairway.contract.Policy.class,
                        dev.fairway.contract.PathMatch.class,
                        dev.fairway.contract.HostMatch.class,
                        dev.fairway.contract.Route.Action.class,
                        dev.fairway.contract.TemplatePart.class)) {
            for (Class<?> member : root.getPermittedSubclasses()) {
                assertTrue(
                        golden.contains("\"type\":\"" + member.getSimpleName() + "\""),
                        () -> member + " is missing in the sample");
            }
        }
    }

    /** A parser's buffer holds 8,000 characters; a host of many routes is a longer line. */
    @Test
    void lines_of_every_length_come_back_equal_wherever_they_begin() {
        List<VirtualHost> hosts = new ArrayList<>();
        for (int routes : new int[] {1, 2, 5, 20, 200, 2, 2_000, 1}) {
            List<Route> all = new ArrayList<>();
            for (int i = 0; i < routes; i++) {
                all.add(
                        Samples.route(
                                new PathMatch.Prefix("/" + hosts.size() + "/é€😀/" + i),
                                List.of()));
            }
            hosts.add(new VirtualHost(new HostMatch.Exact("h" + hosts.size()), all));
        }
        Snapshot snapshot = new Snapshot(Settings.DEFAULTS, Listener.DEFAULTS, List.of(), hosts);
        assertEquals(
                snapshot, accepted(SnapshotCodec.decodeSnapshot(SnapshotCodec.encode(snapshot))));
    }

    @Test
    void what_is_not_utf_8_is_refused() {
        byte[] bytes = SnapshotCodec.encode(Samples.SNAPSHOT);
        bytes[text(bytes).indexOf("shop.example.com")] = (byte) 0xff;
        String reason =
                assertInstanceOf(Decoded.Refused.class, SnapshotCodec.decodeSnapshot(bytes))
                        .reason()
                        .toString();
        assertTrue(reason.contains("not UTF-8"), reason);
    }

    @Test
    void empty_documents_come_back_equal() {
        assertEquals(
                Snapshot.EMPTY,
                accepted(SnapshotCodec.decodeSnapshot(SnapshotCodec.encode(Snapshot.EMPTY))));
        assertEquals(
                Endpoints.NONE,
                accepted(SnapshotCodec.decodeEndpoints(SnapshotCodec.encode(Endpoints.NONE))));
        assertEquals(
                Keys.NONE, accepted(SnapshotCodec.decodeKeys(SnapshotCodec.encode(Keys.NONE))));
    }

    @Test
    void an_unknown_field_is_ignored() {
        String text = text(SnapshotCodec.encode(Samples.SNAPSHOT));
        String later =
                text.replace(
                        "\"keepAliveRequests\"", "\"later\":{\"a\":[1,{}]},\"keepAliveRequests\"");
        assertTrue(later.length() > text.length());
        assertEquals(Samples.SNAPSHOT, accepted(SnapshotCodec.decodeSnapshot(bytes(later))));
    }

    @Test
    void an_unknown_policy_refuses_the_snapshot_because_it_could_be_a_gate() {
        String text = text(SnapshotCodec.encode(Samples.SNAPSHOT));
        refused(text.replace("\"type\":\"AddressRules\"", "\"type\":\"Firewall\""), "unknown type");
    }

    @Test
    void an_unknown_major_is_refused_with_both_numbers() {
        String text = text(SnapshotCodec.encode(Samples.SNAPSHOT));
        refused(text.replaceFirst("\"format\":1", "\"format\":2"), "format 2, this reader knows 1");
    }

    @Test
    void a_document_of_another_kind_is_refused() {
        refused(text(SnapshotCodec.encode(Samples.ENDPOINTS)), "not a document of ROUTES");
    }

    @Test
    void a_field_given_twice_is_refused() {
        String text = text(SnapshotCodec.encode(Samples.SNAPSHOT));
        refused(
                text.replaceFirst(
                        "\"keepAliveRequests\":", "\"keepAliveRequests\":7,\"keepAliveRequests\":"),
                "not well-formed");
    }

    @Test
    void a_missing_field_is_named() {
        String text = text(SnapshotCodec.encode(Snapshot.EMPTY));
        refused(
                text.replaceFirst("\"keepAliveRequests\":10000,", ""),
                "keepAliveRequests: missing");
    }

    @Test
    void a_reason_never_quotes_the_document() {
        byte[] keys = SnapshotCodec.encode(Samples.KEYS);
        String broken = text(keys).replace("\"privateKeyPem\":\"", "\"privateKeyPem\":\"\\q");
        Decoded<Keys> decoded = SnapshotCodec.decodeKeys(bytes(broken));
        String reason = assertInstanceOf(Decoded.Refused.class, decoded).reason().toString();
        assertTrue(!reason.contains("PRIVATE"), reason);
    }

    @Test
    void every_cut_of_a_document_is_refused_and_never_throws() {
        byte[] whole = SnapshotCodec.encode(Samples.SNAPSHOT);
        int last = text(whole).lastIndexOf('\n', whole.length - 2) + 1;
        for (int length = 0; length < whole.length; length++) {
            Decoded<Snapshot> decoded = SnapshotCodec.decodeSnapshot(Arrays.copyOf(whole, length));
            // A cut between two lines is a document: the manifest's hash and size catch it.
            boolean betweenLines = length > 0 && whole[length - 1] == '\n' && length <= last;
            if (!betweenLines) {
                assertInstanceOf(Decoded.Refused.class, decoded, "cut at " + length);
            }
        }
    }

    @Test
    void a_hundred_thousand_mutations_never_throw() {
        byte[] whole = SnapshotCodec.encode(Samples.SNAPSHOT);
        Random random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 100_000; round++) {
            byte[] mutant = whole.clone();
            int from = random.nextInt(mutant.length);
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                mutant[Math.min(mutant.length - 1, from + i)] = (byte) random.nextInt(256);
            }
            if (SnapshotCodec.decodeSnapshot(mutant) instanceof Decoded.Refused) {
                refused++;
            }
        }
        assertTrue(refused > 10_000, "mutations that are noticed: " + refused);
    }

    @Test
    void deep_nesting_is_refused_without_a_stack_overflow() {
        String deep = "[".repeat(200_000);
        refused(
                "{\"type\":\"Head\",\"format\":1,\"document\":\"ROUTES\",\"x\":" + deep + "\n",
                "not well-formed");
    }

    /** Ledger A19: fields of a later version, or nobody's, on every line. */
    @Test
    void unknown_names_cost_memory_in_proportion_to_the_document() {
        String global = text(SnapshotCodec.encode(Snapshot.EMPTY)).lines().toList().get(1);
        StringBuilder document =
                new StringBuilder(
                        text(SnapshotCodec.encode(Snapshot.EMPTY))
                                .lines()
                                .findFirst()
                                .orElseThrow());
        for (int i = 0; i < 5_000; i++) {
            document.append('\n')
                    .append(global.replace("\"settings\"", "\"x" + i + "\":1,\"settings\""));
        }
        byte[] bytes = bytes(document.append('\n').toString());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertInstanceOf(Decoded.Refused.class, SnapshotCodec.decodeSnapshot(bytes));
        long each = (threads.getCurrentThreadAllocatedBytes() - before) / bytes.length;
        assertTrue(each < 60, each + " bytes allocated for each byte");
    }

    private static void golden(String name, byte[] written) throws IOException {
        Path file = GOLDEN.resolve(name);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN);
            Files.write(file, written);
        }
        assertArrayEquals(Files.readAllBytes(file), written, name);
    }

    private static byte[] read(String name) throws IOException {
        return Files.readAllBytes(GOLDEN.resolve(name));
    }

    private static <T> T accepted(Decoded<T> decoded) {
        return switch (decoded) {
            case Decoded.Accepted<T>(T value) -> value;
            case Decoded.Refused<T>(String reason) -> throw new AssertionError(reason);
        };
    }

    private static void refused(String document, String part) {
        Decoded<Snapshot> decoded = SnapshotCodec.decodeSnapshot(bytes(document));
        String reason = (String) assertInstanceOf(Decoded.Refused.class, decoded).reason();
        assertTrue(reason.contains(part), reason);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void settings_defaults_are_in_the_empty_snapshot() {
        assertEquals(Settings.DEFAULTS, Snapshot.EMPTY.settings());
    }
}
