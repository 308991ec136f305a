package dev.fairway.dataplane.observe;

/**
 * The histograms of a route. Their cells lie in one array of plain longs, those of one size beside each
 * other: what a request touches is mostly two cache lines, which counts with thousands of routes. Written
 * by one loop without fences, read by the scraper, which may see a value some nanoseconds old: 64-bit
 * JVMs do not tear longs.
 */
enum Histogram {
    /** In nanoseconds, told in seconds, as is the next. */
    DURATION(Bounds.SECONDS, 1e9),
    UPSTREAM_HEAD(Bounds.SECONDS, 1e9),
    REQUEST_BYTES(Bounds.BYTES, 1),
    RESPONSE_BYTES(Bounds.BYTES, 1);

    private static final class Bounds {
        static final double[] SECONDS = {
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Double.POSITIVE_INFINITY
        };
        static final double[] BYTES = {
            100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, Double.POSITIVE_INFINITY
        };
    }

    private static final int KINDS = 4;

    /** Of all: the sums, then bucket by bucket. */
    static final int CELLS = KINDS * (1 + Bounds.SECONDS.length);

    private final double[] bounds;
    private final long[] counted;
    private final double unit;

    Histogram(double[] bounds, double unit) {
        this.bounds = bounds;
        this.unit = unit;
        counted = new long[bounds.length];
        for (int i = 0; i < bounds.length; i++) {
            // The last one saturates.
            counted[i] = Math.round(bounds[i] * unit);
        }
    }

    /**
     * @param value nanoseconds or bytes
     */
    void record(long[] cells, long value) {
        int bucket = 0;
        while (value > counted[bucket]) {
            bucket++;
        }
        cells[ordinal()] += value;
        cells[(bucket + 1) * KINDS + ordinal()]++;
    }

    double[] bounds() {
        return bounds;
    }

    /** Per bucket, not cumulative. */
    long[] counts(long[] cells) {
        long[] counts = new long[bounds.length];
        for (int bucket = 0; bucket < counts.length; bucket++) {
            counts[bucket] = cells[(bucket + 1) * KINDS + ordinal()];
        }
        return counts;
    }

    /** In seconds or bytes. */
    double sum(long[] cells) {
        return cells[ordinal()] / unit;
    }
}
