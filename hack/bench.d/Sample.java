import java.util.EnumMap;
import java.util.Map;

/** One measurement of one contestant. */
record Sample(Map<Metric, Double> values, Machine.Noise noise) {
    static Sample of(Machine.Noise noise, Object... pairs) {
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        for (int i = 0; i < pairs.length; i += 2) {
            values.put((Metric) pairs[i], (Double) pairs[i + 1]);
        }
        return new Sample(values, noise);
    }

    double value(Metric metric) {
        return values.getOrDefault(metric, Double.NaN);
    }
}
