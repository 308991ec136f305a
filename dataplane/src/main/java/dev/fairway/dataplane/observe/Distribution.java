package dev.fairway.dataplane.observe;

/**
 * A histogram of plain longs. Written by one loop without fences, read by the scraper, which may see
 * a value some nanoseconds old: 64-bit JVMs do not tear longs.
 */
final class Distribution {
    static final double[] SECONDS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Double.POSITIVE_INFINITY
    };
    static final double[] BYTES = {
        100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, Double.POSITIVE_INFINITY
    };

    private final double[] bounds;
    private final long[] counts;
    private double sum;

    Distribution(double[] bounds) {
        this.bounds = bounds;
        this.counts = new long[bounds.length];
    }

    void record(double value) {
        int bucket = 0;
        while (value > bounds[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sum += value;
    }

    /** Adds what another loop has counted; on the scraper's own copy only. */
    void add(Distribution other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        sum += other.sum;
    }

    double[] bounds() {
        return bounds;
    }

    /** Per bucket, not cumulative. */
    long[] counts() {
        return counts.clone();
    }

    double sum() {
        return sum;
    }

    long count() {
        long all = 0;
        for (long count : counts) {
            all += count;
        }
        return all;
    }
}
