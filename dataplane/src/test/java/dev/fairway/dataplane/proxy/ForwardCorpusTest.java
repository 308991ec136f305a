package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.fuzz.Grammar;
import dev.fairway.dataplane.fuzz.Mutator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is forwarded means what was received: over the corpus of requests, and generated ones. */
class ForwardCorpusTest {
    private static final int GENERATED = 50_000;

    @Test
    void every_request_of_the_corpus_is_forwarded_as_it_was_meant() throws IOException {
        for (String folder : List.of("request", "forward")) {
            try (Stream<Path> files = Files.list(Path.of("src/test/resources/corpus", folder))) {
                for (Path file : files.sorted().toList()) {
                    ForwardTarget.fuzzerTestOneInput(Files.readAllBytes(file));
                }
            }
        }
    }

    @Test
    void every_generated_request_is_forwarded_as_it_was_meant() {
        Random random = new Random(6);
        Grammar grammar = new Grammar(random);
        Mutator mutator = new Mutator(random);
        for (int i = 0; i < GENERATED; i++) {
            byte[] message = grammar.request().getBytes(StandardCharsets.ISO_8859_1);
            ForwardTarget.fuzzerTestOneInput(
                    i % 4 == 0 ? mutator.mutate(message, List.of()) : message);
        }
    }
}
