package dev.fairway.dataplane.balance;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Passive outlier ejection of one endpoint: {@link #FAILURES} failures in a row and it is avoided
 * for {@link #FIRST}, twice as long each further time up to {@link #LONGEST}; who has been well for
 * {@link #LONGEST} after coming back begins anew. How many may be out at once is the backend's.
 */
final class PassiveHealth implements Health {
    static final int FAILURES = 5;
    static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofSeconds(300);

    private final Ejections ejections;
    private final LongSupplier nanos;
    private final Latency latency;
    private final AtomicInteger failuresInRow = new AtomicInteger();

    /** Guarded by this; {@link #out} is read without. */
    private long until;

    private int times;
    private volatile boolean out;

    PassiveHealth(Ejections ejections, LongSupplier nanos) {
        this.ejections = ejections;
        this.nanos = nanos;
        this.latency = new Latency(nanos);
    }

    Latency latency() {
        return latency;
    }

    @Override
    public void record(Endpoint.Result result, long responseNanos) {
        switch (result) {
            case SUCCESS -> {
                latency.observe(responseNanos);
                if (failuresInRow.get() != 0) {
                    failuresInRow.set(0);
                }
            }
            case GATEWAY_STATUS, CONNECT_FAILED, BROKEN, TIMED_OUT -> {
                latency.penalise(responseNanos);
                if (failuresInRow.incrementAndGet() >= FAILURES && !ejected()) {
                    ejections.request(this);
                }
            }
            case ABANDONED -> latency.atLeast(responseNanos);
        }
    }

    @Override
    public boolean ejected() {
        return out && stillOut();
    }

    @Override
    public double expectedMicros() {
        return latency.micros();
    }

    @Override
    public double lastMicros() {
        return latency.lastMicros();
    }

    /** Called by {@link Ejections} when the backend can spare it. */
    synchronized void eject() {
        long now = nanos.getAsLong();
        if (times > 0 && now - until > LONGEST.toNanos()) {
            times = 0;
        }
        long length = FIRST.toNanos() << Math.min(times, 10);
        until = now + Math.min(length, LONGEST.toNanos());
        times++;
        failuresInRow.set(0);
        out = true;
    }

    private synchronized boolean stillOut() {
        if (out && nanos.getAsLong() - until >= 0) {
            out = false;
        }
        return out;
    }
}
