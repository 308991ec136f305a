package dev.fairway.dataplane.balance;

import java.util.function.LongSupplier;

/**
 * Keeps retries from multiplying the load on a backend that is failing: a fifth of the attempts, and
 * {@link #PER_SECOND} a second besides, so that a quiet backend's requests are retried too. Counted
 * in fifths of a retry. Thread-safe.
 */
public final class RetryBudget {
    static final int PER_SECOND = 3;

    /** A burst that may be retried whole: one endpoint of many that dies. */
    static final int BURST = 100;

    private static final int FULL = BURST * 5;
    private static final long NANOS_PER_FIFTH = 1_000_000_000L / (PER_SECOND * 5);

    private final LongSupplier nanos;
    private volatile int fifths = FULL;

    /** Guarded by this. */
    private long filledAt;

    RetryBudget(LongSupplier nanos) {
        this.nanos = nanos;
        this.filledAt = nanos.getAsLong();
    }

    void attempted() {
        if (fifths < FULL) { // full is the normal state, and costs a read
            earn();
        }
    }

    private synchronized void earn() {
        fifths = Math.min(FULL, fifths + 1);
    }

    /** Takes one retry if there is one. */
    public synchronized boolean take() {
        long now = nanos.getAsLong();
        long earned = (now - filledAt) / NANOS_PER_FIFTH;
        filledAt += earned * NANOS_PER_FIFTH;
        int available = (int) Math.min(FULL, fifths + earned);
        boolean granted = available >= 5;
        fifths = granted ? available - 5 : available;
        return granted;
    }
}
