package dev.fairway.dataplane.policy;

/**
 * nginx's leaky bucket, exact in integers: the level is counted in nanoseconds times permits, so one
 * request weighs one unit of time, and what drains in a nanosecond is {@code permits}.
 */
final class Bucket {
    /** Guarded by this, all three. */
    private long level;

    private long permits = 1;
    private long touchedAt;

    Bucket(long now) {
        touchedAt = now;
    }

    /**
     * @param unitNanos in which {@code permits} requests drain
     * @return 0: admitted; else how many nanoseconds until the next would be
     */
    synchronized long admit(long now, long permits, long unitNanos, int burst) {
        long drained = level(now, permits);
        long full = burst * unitNanos;
        if (drained > full) {
            return Math.ceilDiv(drained - full, permits);
        }
        level = drained + unitNanos;
        touchedAt = now;
        this.permits = permits;
        return 0;
    }

    /** Takes an admission back: another limit refused the request. */
    synchronized void refund(long unitNanos) {
        level = Math.max(0, level - unitNanos);
    }

    /** How far from empty; 0 when there is nothing to remember. */
    synchronized long nanosUntilEmpty(long now) {
        return Math.ceilDiv(level(now, permits), permits);
    }

    private long level(long now, long permits) {
        long passed = Math.max(0, now - touchedAt);
        return passed >= Math.ceilDiv(level, permits) ? 0 : level - passed * permits;
    }
}
