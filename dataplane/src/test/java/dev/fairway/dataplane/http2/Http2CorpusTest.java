package dev.fairway.dataplane.http2;

import dev.fairway.dataplane.fuzz.Mutator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Replays what {@code hack/fuzz frames} and {@code hack/fuzz hpack} keep, and generated blocks and frames. */
class Http2CorpusTest {
    private static final String[] NAMES = {
        ":method",
        ":scheme",
        ":authority",
        ":path",
        ":protocol",
        ":status",
        ":x",
        "cookie",
        "te",
        "connection",
        "transfer-encoding",
        "content-length",
        "host",
        "x-one",
        "X-One",
        "x one",
        "x\r",
        "",
        "x:",
        "upgrade",
        "accept"
    };
    private static final String[] VALUES = {
        "GET",
        "CONNECT",
        "http",
        "https",
        "a.test",
        "/",
        "/a",
        "a=b",
        "trailers",
        "",
        "3",
        "a\r\nb: c",
        "a\nb",
        "a\0b",
        " a",
        "a\t",
        "\u00e9",
        "websocket",
        "x".repeat(150)
    };

    @Test
    void every_input_of_the_corpus_and_its_mutations_hold() throws IOException {
        replay("frames", FrameTarget::fuzzerTestOneInput);
        replay("hpack", HpackTarget::fuzzerTestOneInput);
    }

    private static void replay(String name, Consumer<byte[]> target) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/corpus", name)).sorted()) {
            for (Path file : files.toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        Mutator mutator = new Mutator(new Random(10));
        for (byte[] input : inputs) {
            target.accept(input);
            for (int i = 0; i < 2_000; i++) {
                target.accept(mutator.mutate(input, inputs));
            }
        }
    }

    @Test
    void generated_header_blocks_are_read_as_the_reference_reads_them() {
        Random random = new Random(11);
        for (int i = 0; i < 60_000; i++) {
            ByteArrayOutputStream input = new ByteArrayOutputStream();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                byte[] block = block(random);
                input.write(Math.min(255, block.length));
                input.write(block, 0, Math.min(255, block.length));
            }
            HpackTarget.fuzzerTestOneInput(input.toByteArray());
        }
    }

    private static byte[] block(Random random) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        if (random.nextInt(8) == 0) {
            block.write(32 + random.nextInt(32));
        }
        if (random.nextBoolean()) {
            block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0x84});
            literal(block, 0x40, ":authority", "a.test");
        }
        for (int n = random.nextInt(5); n > 0; n--) {
            switch (random.nextInt(5)) {
                case 0 -> block.write(0x80 | (random.nextInt(3) == 0 ? random.nextInt(128) : 62));
                case 1 ->
                        literal(
                                block,
                                0x40,
                                "x-" + random.nextInt(5),
                                VALUES[random.nextInt(VALUES.length)]);
                case 2 -> literal(block, 0, "x-two", "1");
                case 3 -> literal(block, 0x10, "cookie", "a=" + random.nextInt(9));
                default ->
                        literal(
                                block,
                                random.nextBoolean() ? 0x40 : 0,
                                NAMES[random.nextInt(NAMES.length)],
                                VALUES[random.nextInt(VALUES.length)]);
            }
        }
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, int form, String name, String value) {
        block.write(form);
        string(block, name);
        string(block, value);
    }

    private static void string(ByteArrayOutputStream block, String text) {
        if (text.length() < 127) {
            block.write(text.length());
        } else {
            block.write(127);
            block.write(text.length() - 127);
        }
        block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
