package dev.fairway.dataplane.balance;

import java.util.function.LongSupplier;

/**
 * What part of its share a newcomer takes: a tenth when it joins, all of it when the window is over, in
 * a straight line between (a JVM warms up meanwhile). Newcomers are those that joined endpoints which
 * could serve; where all are equally new nobody is spared. Immutable.
 */
final class SlowStart {
    /** Enough requests to warm up by. */
    static final double LEAST = 0.1;

    private final Backend backend;
    private final long windowNanos;
    private final LongSupplier nanos;

    /**
     * @param windowNanos 0: none
     */
    SlowStart(Backend backend, long windowNanos, LongSupplier nanos) {
        this.backend = backend;
        this.windowNanos = windowNanos;
        this.nanos = nanos;
    }

    /** Whether anybody may be warming up: one read where nobody is. */
    boolean active() {
        return windowNanos > 0
                && backend.hasNewcomers()
                && nanos.getAsLong() - backend.lastJoined() < windowNanos;
    }

    /** From {@link #LEAST} to 1. */
    double share(Endpoint endpoint) {
        if (!endpoint.newcomer()) {
            return 1;
        }
        double passed = nanos.getAsLong() - endpoint.joined();
        return Math.clamp(passed / windowNanos, LEAST, 1);
    }
}
