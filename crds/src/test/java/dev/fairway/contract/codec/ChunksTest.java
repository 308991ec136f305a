package dev.fairway.contract.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Endpoints.Condition;
import dev.fairway.contract.Endpoints.Endpoint;
import dev.fairway.contract.Endpoints.EndpointSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunksTest {

    @Test
    void one_changed_endpoint_of_twenty_thousand_rewrites_at_most_two_small_chunks() {
        Chunks.Cut before = Chunks.cut(SnapshotCodec.encode(endpoints(2_000, -1)));
        Set<String> known = new HashSet<>(before.document().chunks());
        for (int changed = 0; changed < 2_000; changed += 97) {
            Chunks.Cut after = Chunks.cut(SnapshotCodec.encode(endpoints(2_000, changed)));
            List<Chunks.Chunk> written =
                    after.chunks().stream().filter(c -> !known.contains(c.hash())).toList();
            assertTrue(written.size() <= 2, "chunks written: " + written.size());
            int bytes = written.stream().mapToInt(c -> c.bytes().length).sum();
            assertTrue(bytes <= 4 * 40 << 10, "bytes written: " + bytes);
        }
    }

    @Test
    void a_small_document_is_one_chunk_and_no_chunk_is_over_the_limit() {
        assertEquals(1, Chunks.cut(SnapshotCodec.encode(Samples.SNAPSHOT)).chunks().size());
        byte[] oneLongLine = new byte[Limits.CHUNK_BYTES * 2 + 5];
        for (Chunks.Chunk chunk : Chunks.cut(oneLongLine).chunks()) {
            assertTrue(chunk.bytes().length <= Limits.CHUNK_BYTES);
        }
    }

    @Test
    void no_chunk_ends_within_a_character() {
        byte[] line = ("a" + "€".repeat(400_000)).getBytes(StandardCharsets.UTF_8);
        for (Chunks.Chunk chunk : Chunks.cut(line).chunks()) {
            String text = new String(chunk.bytes(), StandardCharsets.UTF_8);
            assertArrayEquals(chunk.bytes(), text.getBytes(StandardCharsets.UTF_8));
            assertTrue(chunk.bytes().length <= Limits.CHUNK_BYTES);
        }
    }

    @Test
    void chunks_joined_are_the_document() {
        byte[] document = SnapshotCodec.encode(endpoints(2_000, -1));
        Chunks.Cut cut = Chunks.cut(document);
        Map<String, byte[]> store = new HashMap<>();
        cut.chunks().forEach(c -> store.put(c.hash(), c.bytes()));
        Decoded<byte[]> joined = Chunks.join(cut.document(), store::get);
        assertArrayEquals(
                document, (byte[]) assertInstanceOf(Decoded.Accepted.class, joined).value());
    }

    @Test
    void a_missing_or_changed_chunk_is_refused_by_its_hash() {
        Chunks.Cut cut = Chunks.cut(SnapshotCodec.encode(endpoints(2_000, -1)));
        String first = cut.document().chunks().getFirst();
        Decoded<byte[]> missing = Chunks.join(cut.document(), hash -> null);
        assertEquals(new Decoded.Refused<byte[]>("chunk " + first + " is missing"), missing);
        Decoded<byte[]> changed = Chunks.join(cut.document(), hash -> new byte[] {1});
        assertEquals(new Decoded.Refused<byte[]>("chunk " + first + " has other content"), changed);
    }

    @Test
    void a_manifest_comes_back_equal_and_an_unknown_major_is_refused() {
        Chunks.Cut cut = Chunks.cut(SnapshotCodec.encode(Samples.SNAPSHOT));
        Manifest manifest =
                new Manifest(
                        1,
                        3,
                        9,
                        cut.document(),
                        cut.document(),
                        cut.document(),
                        List.of(new Manifest.Watermark("Ingress", "1234")));
        byte[] bytes = ManifestCodec.encode(manifest);
        assertEquals(new Decoded.Accepted<>(manifest), ManifestCodec.decode(bytes));
        byte[] later = new String(bytes).replaceFirst("\"format\":1", "\"format\":2").getBytes();
        assertInstanceOf(Decoded.Refused.class, ManifestCodec.decode(later));
        assertInstanceOf(Decoded.Refused.class, ManifestCodec.decode(new byte[0]));
    }

    private static Endpoints endpoints(int backends, int changed) {
        List<EndpointSet> sets = new ArrayList<>();
        for (int b = 0; b < backends; b++) {
            List<Endpoint> list = new ArrayList<>();
            for (int e = 0; e < 10; e++) {
                String address = "10." + b / 250 + "." + b % 250 + "." + (e + 1);
                int port = b == changed && e == 0 ? 9999 : 8080;
                list.add(new Endpoint(address, port, Condition.READY));
            }
            sets.add(new EndpointSet(new BackendId("ns", "svc-" + b, 80), list));
        }
        return new Endpoints(sets);
    }
}
