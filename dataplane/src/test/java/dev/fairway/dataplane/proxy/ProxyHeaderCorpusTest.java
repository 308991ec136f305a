package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.fuzz.Mutator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Replays what {@code hack/fuzz proxy-header} keeps, and mutations of it. */
class ProxyHeaderCorpusTest {

    @Test
    void every_input_of_the_corpus_and_its_mutations_hold() throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/corpus/proxy-header"))) {
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        Mutator mutator = new Mutator(new Random(12));
        for (byte[] input : inputs) {
            ProxyHeaderTarget.fuzzerTestOneInput(input);
            for (int i = 0; i < 1_000; i++) {
                ProxyHeaderTarget.fuzzerTestOneInput(mutator.mutate(input, inputs));
            }
        }
    }
}
