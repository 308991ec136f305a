package dev.fairway.dataplane.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What {@code hack/fuzz} keeps, replayed: every seed and every input that once was a finding; and
 * some mutations of each, by seeded chance.
 */
class CorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/corpus");
    private static final int MUTATIONS_OF_EACH = 100;

    private static final Map<String, Consumer<byte[]>> TARGETS =
            Map.of(
                    "request", RequestTarget::fuzzerTestOneInput,
                    "response", ResponseTarget::fuzzerTestOneInput,
                    "chunked-body", ChunkedBodyTarget::fuzzerTestOneInput,
                    "path", PathTarget::fuzzerTestOneInput);

    @TestFactory
    Stream<DynamicTest> every_input_of_the_corpus_and_its_mutations_hold() {
        return TARGETS.keySet().stream()
                .sorted()
                .map(name -> DynamicTest.dynamicTest(name, () -> replay(name)));
    }

    private static void replay(String name) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(CORPUS.resolve(name)).sorted()) {
            for (Path file : files.toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        assertFalse(inputs.isEmpty());
        Consumer<byte[]> target = TARGETS.get(name);
        Mutator mutator = new Mutator(new Random(name.hashCode()));
        for (byte[] input : inputs) {
            target.accept(input);
            for (int i = 0; i < MUTATIONS_OF_EACH; i++) {
                target.accept(mutator.mutate(input, inputs));
            }
        }
    }
}
