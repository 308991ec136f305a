package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.http1.HeadLimits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** That engine and reference make the same of the same bytes, however they are cut. Throws when not. */
public final class Agreement {

    /** Small, so that small inputs reach them. */
    static final HeadLimits TIGHT = new HeadLimits(300, 1000, 12);

    private Agreement() {}

    /** How a mutated input comes to an end: what both made of it. */
    public enum Outcome {
        WHOLE,
        REFUSED,
        PARTIAL
    }

    /** The engine by each of the cuts beside one reading of the reference. */
    public static Outcome request(byte[] in, HeadLimits limits, List<IntUnaryOperator> cuts) {
        Reading<RequestMeaning> expected =
                ReferenceRequest.read(new String(in, StandardCharsets.ISO_8859_1), limits);
        for (IntUnaryOperator pieces : cuts) {
            compare(in, expected, EngineReader.request(in, limits, pieces), false);
        }
        return outcome(expected);
    }

    /** As {@link #request}. */
    public static Outcome response(
            byte[] in, HeadLimits limits, boolean toHead, List<IntUnaryOperator> cuts) {
        Reading<ResponseMeaning> expected =
                ReferenceResponse.read(new String(in, StandardCharsets.ISO_8859_1), limits, toHead);
        for (IntUnaryOperator pieces : cuts) {
            compare(in, expected, EngineReader.response(in, limits, toHead, pieces), true);
        }
        return outcome(expected);
    }

    private static <M> void compare(
            byte[] in, Reading<M> expected, Reading<M> seen, boolean anyStatus) {
        boolean agree =
                switch (expected) {
                    case Reading.Whole<M> whole -> whole.equals(seen);
                    case Reading.Refused<M>(Set<Integer> statuses) ->
                            seen instanceof Reading.Refused<M>(Set<Integer> said)
                                    && (anyStatus || statuses.containsAll(said));
                    // An unfinished line may be hopeless already, and the engine may say so.
                    case Reading.Partial<M> _ -> !(seen instanceof Reading.Whole<M>);
                };
        if (!agree) {
            throw new AssertionError(
                    "reference: "
                            + expected
                            + "\nengine:    "
                            + seen
                            + "\ninput:     "
                            + printable(in));
        }
    }

    private static <M> Outcome outcome(Reading<M> expected) {
        return switch (expected) {
            case Reading.Whole<M> _ -> Outcome.WHOLE;
            case Reading.Refused<M> _ -> Outcome.REFUSED;
            case Reading.Partial<M> _ -> Outcome.PARTIAL;
        };
    }

    static String printable(byte[] in) {
        StringBuilder text = new StringBuilder();
        for (byte b : in) {
            text.append(
                    switch (b) {
                        case '\r' -> "\\r";
                        case '\n' -> "\\n";
                        default ->
                                b < ' ' || b > 126
                                        ? String.format("\\x%02x", b)
                                        : String.valueOf((char) b);
                    });
        }
        return text.toString();
    }

    /** Ways to cut an input that each see other code. */
    static List<IntUnaryOperator> cuts(int seed) {
        return List.of(EngineReader.whole(), EngineReader.by(1), at -> 1 + ((at * 31 + seed) & 15));
    }
}
