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

    private Differential() {}

    private interface Comparison {
        Outcome compare(byte[] message, IntUnaryOperator pieces, boolean tight);
    }

    static Map<Outcome, Integer> requests(long seed, int messages) {
        Random random = new Random(seed);
        Grammar grammar = new Grammar(random);
        return run(
                random,
                messages,
                grammar::request,
                (message, pieces, tight) ->
                        Agreement.request(message, tight ? Agreement.TIGHT : CLIENT, pieces));
    }

    static Map<Outcome, Integer> responses(long seed, int messages) {
        Random random = new Random(seed);
        Grammar grammar = new Grammar(random);
        return run(
                random,
                messages,
                grammar::response,
                (message, pieces, tight) ->
                        Agreement.response(
                                message, tight ? Agreement.TIGHT : UPSTREAM, tight, pieces));
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
                default -> {}
            }
            if (earlier.size() < 64) {
                earlier.add(message);
            } else {
                earlier.set(random.nextInt(64), message);
            }
            IntUnaryOperator pieces = Agreement.cuts(i).get(i % 3);
            outcomes.merge(comparison.compare(message, pieces, i % 4 == 0), 1, Integer::sum);
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
