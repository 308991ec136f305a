package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.fuzz.Agreement.Outcome;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.proxy.ProxyLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/** Runs of generated and mutated messages past engine and reference. */
public final class Differential {
    private static final HeadLimits CLIENT = ProxyLimits.DEFAULTS.client().head();
    private static final HeadLimits UPSTREAM = ProxyLimits.DEFAULTS.upstream().head();

    /** What must be left alone behind a message, whatever that is. */
    private static final String NEXT = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nLEFTOVER";

    private Differential() {}

    private interface Comparison {
        Outcome compare(byte[] message, List<IntUnaryOperator> cut, boolean tight);
    }

    static Map<Outcome, Integer> requests(long seed, int messages) {
        Random random = new Random(seed);
        Grammar grammar = new Grammar(random);
        return run(
                random,
                messages,
                grammar::request,
                (message, cut, tight) ->
                        Agreement.request(message, tight ? Agreement.TIGHT : CLIENT, cut));
    }

    static Map<Outcome, Integer> responses(long seed, int messages) {
        Random random = new Random(seed);
        Grammar grammar = new Grammar(random);
        return run(
                random,
                messages,
                grammar::response,
                (message, cut, tight) ->
                        Agreement.response(
                                message, tight ? Agreement.TIGHT : UPSTREAM, tight, cut));
    }

    private static Map<Outcome, Integer> run(
            Random random, int messages, Supplier<String> grammar, Comparison comparison) {
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        Mutator mutator = new Mutator(random);
        List<byte[]> earlier = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            byte[] message = Mutator.latin(grammar.get());
            switch (random.nextInt(8)) {
                case 0, 1 -> message = mutator.mutate(message, earlier);
                case 2 -> message = Arrays.copyOf(message, random.nextInt(message.length + 1));
                case 3 -> message = Mutator.latin(Mutator.text(message) + NEXT);
                default -> {}
            }
            if (earlier.size() < 64) {
                earlier.add(message);
            } else {
                earlier.set(random.nextInt(64), message);
            }
            List<IntUnaryOperator> cut = Agreement.cuts(i).subList(i % 3, i % 3 + 1);
            outcomes.merge(comparison.compare(message, cut, i % 4 == 0), 1, Integer::sum);
        }
        return outcomes;
    }

    /** {@code SECONDS}: new seeds until the time is over. */
    public static void main(String[] arguments) {
        long seconds = Long.parseLong(arguments[0]);
        long begun = System.nanoTime();
        long seed = System.currentTimeMillis();
        System.out.println("first seed " + seed);
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        long messages = 0;
        for (; System.nanoTime() - begun < seconds * 1_000_000_000L; seed += 2) {
            requests(seed, 20_000).forEach((k, v) -> outcomes.merge(k, v, Integer::sum));
            responses(seed + 1, 20_000).forEach((k, v) -> outcomes.merge(k, v, Integer::sum));
            messages += 40_000;
        }
        System.out.printf(
                "%d messages past engine and reference, no difference: %s%n", messages, outcomes);
    }
}
