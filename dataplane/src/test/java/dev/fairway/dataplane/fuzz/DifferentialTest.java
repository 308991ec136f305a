package dev.fairway.dataplane.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.fuzz.Agreement.Outcome;
import dev.fairway.dataplane.proxy.ProxyLimits;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The engine beside the reference over generated and mutated messages. Chance is seeded; {@code hack/fuzz
 * differential} runs the same for as long as one likes.
 */
class DifferentialTest {

    /** Twenty seconds of an ordinary machine's one core for all of this class. */
    private static final int MESSAGES = Integer.getInteger("fairway.fuzz.messages", 100_000);

    /** Of the 819,789 that the grammar holds. */
    private static final int CODINGS = Integer.getInteger("fairway.fuzz.codings", 100_000);

    @Test
    void engine_and_reference_make_the_same_of_every_request() {
        assertSpread(Differential.requests(1, MESSAGES));
    }

    @Test
    void engine_and_reference_make_the_same_of_every_response() {
        assertSpread(Differential.responses(2, MESSAGES));
    }

    @Test
    void every_generated_path_has_the_canonical_form_of_the_reference() {
        Random random = new Random(3);
        Grammar grammar = new Grammar(random);
        Mutator mutator = new Mutator(random);
        for (int i = 0; i < MESSAGES; i++) {
            byte[] path = Mutator.latin(grammar.path());
            PathTarget.fuzzerTestOneInput(
                    random.nextBoolean() ? path : mutator.mutate(path, List.of()));
        }
    }

    /** Ledger B2: one coding, {@code chunked} in any case, blanks around it: nothing else. */
    @Test
    void of_a_hundred_thousand_transfer_codings_only_chunked_alone_is_taken() {
        Grammar grammar = new Grammar(new Random(4));
        Set<String> seen = new HashSet<>();
        int taken = 0;
        while (seen.size() < CODINGS) {
            String line = grammar.transferCoding();
            if (!seen.add(line)) {
                continue;
            }
            taken += coding(line) ? 1 : 0;
        }
        assertTrue(taken > 100 && taken < seen.size() / 2, taken + " of " + seen.size());
    }

    private static boolean coding(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        boolean good = value.matches("[ \\t]*(?i:chunked)[ \\t]*");
        String message = "POST / HTTP/1.1\r\nHost: a.test\r\n" + line + "\r\n\r\n0\r\n\r\n";
        Reading<RequestMeaning> reading =
                EngineReader.request(
                        Mutator.latin(message),
                        ProxyLimits.DEFAULTS.client().head(),
                        EngineReader.whole());
        assertEquals(good, reading instanceof Reading.Whole, line);
        return good;
    }

    private static void assertSpread(Map<Outcome, Integer> outcomes) {
        int all = outcomes.values().stream().mapToInt(Integer::intValue).sum();
        assertEquals(MESSAGES, all);
        for (Outcome outcome : Outcome.values()) {
            assertTrue(outcomes.get(outcome) > all / 50, outcomes::toString);
        }
    }
}
