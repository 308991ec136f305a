import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;

/** Everything measured so far; each sample is on disk when it is here. Owned by the main thread. */
final class Results implements AutoCloseable {
    /** Scenario, contestant, round. */
    private final Map<String, Map<String, Map<Integer, Sample>>> samples = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> reasons = new LinkedHashMap<>();
    private final PrintWriter raw;

    Results(Path file, String header) throws IOException {
        raw = new PrintWriter(Files.newBufferedWriter(file));
        header.lines().forEach(line -> raw.println("# " + line));
        raw.println("scenario,contestant,round,kept,foreign_percent,steal_percent,metric,value");
        raw.flush();
    }

    /** @param kept false: too noisy, measured again */
    void add(Scenario scenario, String contestant, int round, Sample sample, boolean kept) {
        sample.values().forEach((metric, value) -> raw.printf("%s,\"%s\",%d,%s,%.1f,%.1f,%s,%s%n", scenario.name(), contestant, round, kept,
                sample.noise().foreign(), sample.noise().steal(), metric, value));
        raw.flush();
        if (kept) {
            samples.computeIfAbsent(scenario.name(), n -> new LinkedHashMap<>()).computeIfAbsent(contestant, n -> new TreeMap<>()).put(round, sample);
        }
    }

    void unavailable(Scenario scenario, String contestant, String reason) {
        reasons.computeIfAbsent(scenario.name(), n -> new LinkedHashMap<>()).put(contestant, reason);
    }

    Optional<String> reason(Scenario scenario, String contestant) {
        return Optional.ofNullable(reasons.getOrDefault(scenario.name(), Map.of()).get(contestant));
    }

    boolean touched(Scenario scenario) {
        return samples.containsKey(scenario.name()) || reasons.containsKey(scenario.name());
    }

    SequencedSet<String> contestants(Scenario scenario) {
        SequencedSet<String> names = new java.util.LinkedHashSet<>(samples.getOrDefault(scenario.name(), Map.of()).keySet());
        names.addAll(reasons.getOrDefault(scenario.name(), Map.of()).keySet());
        return names;
    }

    /** Sorted values with their median. */
    record Spread(double median, double least, double most, int count) {
        static Spread of(double[] values) {
            double[] sorted = Arrays.stream(values).filter(value -> !Double.isNaN(value)).sorted().toArray();
            if (sorted.length == 0) {
                return new Spread(Double.NaN, Double.NaN, Double.NaN, 0);
            }
            int middle = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
        }

        boolean empty() {
            return count == 0;
        }
    }

    Spread of(Scenario scenario, String contestant, Metric metric) {
        return Spread.of(rounds(scenario, contestant).values().stream().mapToDouble(sample -> sample.value(metric)).toArray());
    }

    /** Round by round: what drifts between rounds cancels out. */
    Spread ratio(Scenario scenario, String ours, String theirs) {
        Map<Integer, Sample> other = rounds(scenario, theirs);
        return Spread.of(rounds(scenario, ours).entrySet().stream().filter(entry -> other.containsKey(entry.getKey()))
                .mapToDouble(entry -> entry.getValue().value(scenario.key()) / other.get(entry.getKey()).value(scenario.key())).toArray());
    }

    /** How many kept samples were noisy for want of better ones. */
    long noisy(Scenario scenario, String contestant) {
        return rounds(scenario, contestant).values().stream().filter(sample -> sample.noise().tooMuch()).count();
    }

    private Map<Integer, Sample> rounds(Scenario scenario, String contestant) {
        return samples.getOrDefault(scenario.name(), Map.of()).getOrDefault(contestant, Map.of());
    }

    @Override
    public void close() {
        raw.close();
    }
}
