package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How slowly a client may send a body (attack ledger F1): never silent for long, and on average fast
 * enough in each window, once it has begun; one that lasts very long has to be faster. A window in which we made it wait does not count. Owned by
 * its connection's loop.
 */
final class BodyClock {
    private long lastData;
    private long windowBegan;
    private long windowBytes;
    private long totalNanos;
    private long totalBytes;
    private boolean begun;
    private boolean paused;

    void begin(long now) {
        lastData = now;
        windowBegan = now;
        windowBytes = 0;
        totalNanos = 0;
        totalBytes = 0;
        begun = false;
        paused = false;
    }

    void data(int bytes, long now) {
        lastData = now;
        windowBytes += bytes;
        if (!begun) {
            begun = true;
            windowBegan = now;
        }
    }

    void pause() {
        paused = true;
    }

    /** When to {@link #check} next. */
    long patience(Settings settings, ProxyLimits.Client limits) {
        Duration idle = settings.bodyTimeout();
        Duration grace = limits.bodyGrace();
        return (idle.compareTo(grace) < 0 ? idle : grace).toNanos();
    }

    /**
     * @param endless whether the body may last as long as it likes
     * @return null: the client is fast enough
     */
    @Nullable Limit check(long now, Settings settings, ProxyLimits.Client limits, boolean endless) {
        if (now - lastData >= settings.bodyTimeout().toNanos() && !paused) {
            return Limit.BODY_IDLE;
        }
        long window = now - windowBegan;
        if (window < limits.bodyGrace().toNanos()) {
            return null;
        }
        boolean slow = begun && !paused && windowBytes < bytes(limits.bodyBytesPerSecond(), window);
        if (!paused) {
            totalNanos += window;
            totalBytes += windowBytes;
        }
        boolean tooLong =
                !endless
                        && totalNanos >= limits.bodyTime().toNanos()
                        && totalBytes < bytes(limits.longBodyBytesPerSecond(), totalNanos);
        windowBegan = now;
        windowBytes = 0;
        paused = false;
        return slow ? Limit.BODY_RATE : tooLong ? Limit.BODY_TIME : null;
    }

    private static long bytes(int perSecond, long nanos) {
        return perSecond * (nanos / 1_000_000) / 1000;
    }
}
