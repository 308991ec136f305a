package dev.fairway.controller.watch;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How many threads wake one: any number of knocks before it looks are one. Remembers when the first
 * of them came.
 */
final class Knock {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition knocked = lock.newCondition();
    private final LongSupplier nanos;

    /** Guarded by {@link #lock}. */
    private boolean pending;

    private long firstAt;

    Knock(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void knock() {
        lock.lock();
        try {
            if (!pending) {
                pending = true;
                firstAt = nanos.getAsLong();
                knocked.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a knock. */
    boolean await(Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (!pending && left > 0) {
                left = knocked.awaitNanos(left);
            }
            return pending;
        } finally {
            lock.unlock();
        }
    }

    /** Answers all knocks there were; when the first came, or now if there was none. */
    long answer() {
        lock.lock();
        try {
            long at = pending ? firstAt : nanos.getAsLong();
            pending = false;
            return at;
        } finally {
            lock.unlock();
        }
    }
}
