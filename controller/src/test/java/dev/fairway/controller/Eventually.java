package dev.fairway.controller;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;

/** Waits for what must come true. */
final class Eventually {
    private Eventually() {}

    interface Condition {
        boolean holds() throws Exception;
    }

    static void within(Duration atMost, String what, Condition condition) {
        long end = System.nanoTime() + atMost.toNanos();
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (Exception e) {
                last = e;
            }
            try {
                Thread.sleep(25);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        Assertions.fail("not within " + atMost + ": " + what, last);
    }
}
