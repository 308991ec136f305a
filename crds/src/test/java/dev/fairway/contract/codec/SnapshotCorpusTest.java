package dev.fairway.contract.codec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Replays what {@code hack/fuzz snapshot} keeps, and damages the golden documents by seeded chance. */
class SnapshotCorpusTest {
    private static final int MUTATIONS = 4_000;
    private static final String[] PIECES = {
        "null",
        "-1",
        "1e9",
        "99999999999999999999",
        "\"\"",
        "{}",
        "[]",
        "[[[[[[[[",
        "\\u0000",
        "\"type\":\"Other\"",
        ",",
        ":",
        "\n",
        "true",
        "\u00e9"
    };

    @Test
    void every_input_of_the_corpus_holds() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/corpus/snapshot"))) {
            for (Path file : files.sorted().toList()) {
                SnapshotTarget.fuzzerTestOneInput(Files.readAllBytes(file));
            }
        }
    }

    @Test
    void damaged_documents_are_refused_or_come_back_equal() {
        Random random = new Random(5);
        List<byte[]> lines = new ArrayList<>();
        for (byte[] document :
                List.of(
                        SnapshotCodec.encode(Samples.SNAPSHOT),
                        SnapshotCodec.encode(Samples.ENDPOINTS),
                        SnapshotCodec.encode(Samples.KEYS))) {
            lines.add(document);
        }
        for (int i = 0; i < MUTATIONS; i++) {
            SnapshotTarget.fuzzerTestOneInput(mutated(lines.get(i % lines.size()), random));
        }
    }

    private static byte[] mutated(byte[] document, Random random) {
        int at = random.nextInt(document.length);
        int cut = Math.min(document.length - at, random.nextInt(6));
        byte[] piece =
                switch (random.nextInt(3)) {
                    case 0 -> new byte[] {(byte) random.nextInt(256)};
                    case 1 ->
                            PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
                    default -> Arrays.copyOfRange(document, at, Math.min(document.length, at + 40));
                };
        byte[] out = new byte[document.length - cut + piece.length];
        System.arraycopy(document, 0, out, 0, at);
        System.arraycopy(piece, 0, out, at, piece.length);
        System.arraycopy(document, at + cut, out, at + piece.length, document.length - at - cut);
        return out;
    }
}
