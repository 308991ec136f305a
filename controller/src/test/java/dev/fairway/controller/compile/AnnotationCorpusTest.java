package dev.fairway.controller.compile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Replays what {@code hack/fuzz annotations} keeps, and puts hostile values behind every name in it. */
class AnnotationCorpusTest {
    private static final String[] EVIL = {
        "",
        " ",
        "-1",
        "0",
        "99999999999999999999",
        "1e9",
        "true\\n",
        "\\nX: y",
        "\u0000",
        "\u001b[2J",
        "$(reboot)",
        "../../etc/passwd",
        "{{ . }}",
        "\u2028",
        "((((((((((",
        "(a*)*b",
        "a{1000}{1000}",
        "%00",
        "*",
        "one/users",
        "two/users",
        "http://127.0.0.1:10254/",
        "$host$request_uri$$",
        "${",
        "$arg_",
        "a".repeat(5_000),
        "1,2,3",
        "0.0.0.0/0,::/0",
        "10.0.0.1/33",
        "é"
    };

    @Test
    void no_annotation_breaks_the_compiler_or_its_neighbour() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/corpus/annotations"))) {
            for (Path file : files.sorted().toList()) {
                byte[] input = Files.readAllBytes(file);
                AnnotationTarget.fuzzerTestOneInput(input);
                lines.addAll(new String(input, StandardCharsets.UTF_8).lines().toList());
            }
        }
        Random random = new Random(14);
        for (int i = 0; i < 150; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = 1 + random.nextInt(5); n > 0; n--) {
                String line = lines.get(random.nextInt(lines.size()));
                int equals = line.indexOf('=');
                text.append(
                                random.nextBoolean() && equals > 0
                                        ? line.substring(0, equals + 1)
                                                + EVIL[random.nextInt(EVIL.length)]
                                        : line)
                        .append('\n');
            }
            AnnotationTarget.fuzzerTestOneInput(text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
