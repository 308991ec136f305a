package dev.fairway.contract.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecodedLinesTest {

    @Test
    void however_it_is_cut_and_whatever_came_before_a_document_is_read_as_on_its_own() {
        Random random = new Random(11);
        DecodedLines known = new DecodedLines();
        String[] first = text(SnapshotCodec.encode(snapshot(12, ""))).split("(?<=\n)");
        List<String> lines = new ArrayList<>(List.of(first));
        int refused = 0;
        for (int round = 0; round < 3_000; round++) {
            List<String> changed = changed(lines, random);
            byte[] document = bytes(String.join("", changed));
            Decoded<Snapshot> alone = SnapshotCodec.decodeSnapshot(document);
            assertEquals(alone, SnapshotCodec.decodeSnapshot(cut(document, random), known));
            switch (alone) {
                case Decoded.Accepted<Snapshot> _ -> lines = changed;
                case Decoded.Refused<Snapshot> _ -> refused++;
            }
        }
        assertTrue(refused > 300 && refused < 2_700, "refused: " + refused);
    }

    @Test
    void what_did_not_change_is_the_very_object() {
        DecodedLines known = new DecodedLines();
        Snapshot before = read(snapshot(3, ""), known);
        Snapshot after = read(snapshot(3, "new"), known);
        assertSame(before.hosts().get(0), after.hosts().get(0));
        assertSame(before.settings(), after.settings());
        assertNotSame(before.hosts().get(2), after.hosts().get(2));
        assertEquals(snapshot(3, "new"), after);
    }

    @Test
    void nothing_is_kept_of_a_document_that_was_refused() {
        DecodedLines known = new DecodedLines();
        Snapshot before = read(snapshot(2, ""), known);
        byte[] twice = bytes(text(SnapshotCodec.encode(before)).replace("host-1.", "host-0."));
        assertInstanceOf(
                Decoded.Refused.class, SnapshotCodec.decodeSnapshot(List.of(twice), known));
        assertSame(before.hosts().get(1), read(snapshot(2, ""), known).hosts().get(1));
    }

    private static Snapshot read(Snapshot snapshot, DecodedLines known) {
        Decoded<Snapshot> decoded =
                SnapshotCodec.decodeSnapshot(List.of(SnapshotCodec.encode(snapshot)), known);
        return (Snapshot) assertInstanceOf(Decoded.Accepted.class, decoded).value();
    }

    /** One line moves, leaves, comes twice, or is another; seldom one is damaged or the end is cut. */
    private static List<String> changed(List<String> lines, Random random) {
        List<String> changed = new ArrayList<>(lines);
        int at = random.nextInt(changed.size());
        String line = changed.get(at);
        switch (random.nextInt(8)) {
            case 0 -> changed.add(random.nextInt(changed.size()), changed.remove(at));
            case 1 -> changed.add(at, line);
            case 2, 3 ->
                    changed.set(at, line.replaceAll("host-\\d+", "host-" + random.nextInt(99)));
            case 4, 5 -> changed.set(at, line.replaceAll("/web\\d*", "/web" + random.nextInt(99)));
            case 6 -> {
                int character = random.nextInt(line.length());
                changed.set(at, line.substring(0, character) + '€' + line.substring(character));
            }
            default -> {
                if (changed.size() > 8) {
                    changed.remove(at);
                }
            }
        }
        return changed;
    }

    private static List<byte[]> cut(byte[] document, Random random) {
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        while (from < document.length) {
            int to = Math.min(document.length, from + random.nextInt(4_000));
            pieces.add(Arrays.copyOfRange(document, from, to));
            from = to;
        }
        return pieces;
    }

    /** The sample's first host so many times; what the last one is named ends so. */
    private static Snapshot snapshot(int hosts, String lastName) {
        Snapshot sample = Samples.SNAPSHOT;
        List<VirtualHost> all = new ArrayList<>();
        for (int i = 0; i < hosts; i++) {
            String name = "host-" + i + "." + (i == hosts - 1 ? lastName : "") + "example.com";
            all.add(new VirtualHost(new HostMatch.Exact(name), sample.hosts().getFirst().routes()));
        }
        return new Snapshot(sample.settings(), sample.listeners(), sample.certificates(), all);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
