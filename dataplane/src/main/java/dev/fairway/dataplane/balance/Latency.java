package dev.fairway.dataplane.balance;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Peak-sensitive moving average of one endpoint's response time: a slower response counts at once
 * and in full, a faster one by the time that has passed. It fades over {@link #DECAY_MILLIS}, so that
 * an endpoint that was slow is tried again. One long, so that an update allocates nothing: the
 * microseconds as a float above, the millisecond they were true at below.
 */
final class Latency {
    /** As ingress-nginx's. */
    static final double DECAY_MILLIS = 10_000;

    /** A connection refused at once is not a fast answer. */
    static final long PENALTY_NANOS = 1_000_000_000L;

    private final AtomicLong packed = new AtomicLong();
    private final LongSupplier nanos;

    Latency(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void observe(long responseNanos) {
        float micros = Math.max(1f, responseNanos / 1000f);
        while (true) {
            long now = millis();
            long before = packed.get();
            float average = micros;
            if (before != 0 && micros < value(before)) {
                double kept = keep(before, now);
                average = (float) (value(before) * kept + micros * (1 - kept));
            }
            if (packed.compareAndSet(before, pack(average, now))) {
                return;
            }
        }
    }

    /** Nobody waited for the answer: it would have taken this long, or longer. */
    void atLeast(long waitedNanos) {
        if (waitedNanos / 1000f > value(packed.get())) {
            observe(waitedNanos);
        }
    }

    void penalise(long responseNanos) {
        observe(Math.max(PENALTY_NANOS, responseNanos));
    }

    /** Begins at the average of the others: a new endpoint neither waits nor is flooded. */
    void seed(double micros) {
        packed.compareAndSet(0, pack((float) micros, millis()));
    }

    double micros() {
        long now = packed.get();
        return now == 0 ? 0 : value(now) * keep(now, millis());
    }

    double lastMicros() {
        return value(packed.get());
    }

    private static double keep(long packed, long now) {
        int passed = (int) now - (int) packed;
        return Math.exp(-Math.max(0, passed) / DECAY_MILLIS);
    }

    private static float value(long packed) {
        return Float.intBitsToFloat((int) (packed >>> 32));
    }

    private static long pack(float micros, long millis) {
        return ((long) Float.floatToRawIntBits(micros) << 32) | (millis & 0xffff_ffffL);
    }

    private long millis() {
        return nanos.getAsLong() / 1_000_000;
    }
}
