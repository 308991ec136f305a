package dev.fairway.dataplane.balance;

import java.util.concurrent.ThreadLocalRandom;

/** Where random numbers come from. Thread-safe; a test gives its own. */
@FunctionalInterface
public interface Chance {
    Chance THREAD_LOCAL = bound -> ThreadLocalRandom.current().nextInt(bound);

    /** Uniform over 0 (inclusive) to {@code bound} (exclusive); bound is positive. */
    int below(int bound);
}
