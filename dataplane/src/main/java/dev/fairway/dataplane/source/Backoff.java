package dev.fairway.dataplane.source;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Doubling waits with jitter, so that replicas do not come back together. Owned by one thread. */
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;
    private Duration next;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
        this.next = first;
    }

    void reset() {
        next = first;
    }

    /** Between half and all of the current step; the step doubles. */
    Duration pause() {
        long nanos = next.toNanos();
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(longest) > 0 ? longest : doubled;
        return Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2 + 1));
    }
}
