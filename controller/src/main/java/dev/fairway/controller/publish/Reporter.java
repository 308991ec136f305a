package dev.fairway.controller.publish;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cluster: Ingress status and Events. On a thread of its own, working on the newest
 * report alone, so that a slow API server delays no publication. Thread-safe.
 */
public final class Reporter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Reporter.class);

    /** For each namespace: writes a second, after so many at once. */
    private static final double WRITES_PER_SECOND = 2.5;

    private static final double STATUSES_AT_ONCE = 100;
    private static final double EVENTS_AT_ONCE = 25;

    /** What is left over is tried again after this long. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    /** How a report is carried out. */
    public record Rules(boolean updateStatus, boolean clearStatusAtEnd) {}

    private final IngressStatuses statuses;
    private final ProblemEvents events;
    private final BooleanSupplier leading;
    private final Rules rules;
    private final Thread thread =
            Thread.ofPlatform().name("reporter").daemon().unstarted(this::run);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();

    /** Guarded by {@link #lock}: not carried out yet. */
    private @Nullable Report next;

    /** {@link #thread} only, until it has ended. */
    private @Nullable Report last;

    private volatile boolean closed;

    /**
     * @param installation tells our status writes from another installation's
     * @param instance which replica speaks in Events
     */
    public Reporter(
            KubernetesClient client,
            String installation,
            String instance,
            BooleanSupplier leading,
            Rules rules,
            InstantSource clock,
            Runnable eventDropped) {
        this.statuses =
                new IngressStatuses(
                        client,
                        installation,
                        new TokenBuckets(WRITES_PER_SECOND, STATUSES_AT_ONCE, System::nanoTime));
        this.events =
                new ProblemEvents(
                        client,
                        instance,
                        new TokenBuckets(WRITES_PER_SECOND, EVENTS_AT_ONCE, System::nanoTime),
                        clock,
                        eventDropped);
        this.leading = leading;
        this.rules = rules;
    }

    public void start() {
        thread.start();
    }

    /** Takes the place of what hasn't been carried out yet. */
    public void tell(Report report) {
        lock.lock();
        try {
            next = report;
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Report told = last;
        if (rules.clearStatusAtEnd() && told != null && leading.getAsBoolean()) {
            statuses.clear(told);
        }
    }

    private void run() {
        try {
            while (!closed) {
                Report report = take();
                last = report;
                while (!closed && leading.getAsBoolean() && !carryOut(report) && !superseded()) {
                    Thread.sleep(AGAIN);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean carryOut(Report report) {
        try {
            boolean status = !rules.updateStatus() || statuses.update(report);
            return events.update(report) && status;
        } catch (RuntimeException e) {
            log.error("Status and Events", e);
            return false;
        }
    }

    private boolean superseded() {
        lock.lock();
        try {
            return next != null;
        } finally {
            lock.unlock();
        }
    }

    private Report take() throws InterruptedException {
        lock.lock();
        try {
            Report report = next;
            while (report == null) {
                news.await();
                report = next;
            }
            next = null;
            return report;
        } finally {
            lock.unlock();
        }
    }
}
