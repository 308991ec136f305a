package dev.fairway.dataplane.policy;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The counts of all limiters, one for the process; keyed by the limiter's id and the client, so they
 * outlive generations. Bounded in all: at {@link #MAX_KEYS} a new client takes the place of one whose
 * bucket is empty, or else of the emptiest of a few, so that a flood of new addresses does not set
 * the worst offenders free. Thread-safe.
 */
public final class LimiterRegistry {
    /** About 16 MiB when full. */
    static final int MAX_KEYS = 1 << 17;

    private static final int LOOKED_AT = 16;

    private final LongSupplier nanos;
    private final int maxKeys;
    private final ConcurrentHashMap<ClientKey, Bucket> buckets = new ConcurrentHashMap<>();

    /** Counts the map's keys: its own size() is a sum over cells. */
    private final AtomicInteger keys = new AtomicInteger();

    private final ConcurrentHashMap<ClientKey, Integer> inFlight = new ConcurrentHashMap<>();
    private final LongAdder evicted = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    /** Walks the buckets in circles; guarded by this. */
    private Iterator<Map.Entry<ClientKey, Bucket>> hand;

    /**
     * @param nanos a monotonic clock
     */
    public LimiterRegistry(LongSupplier nanos) {
        this(nanos, MAX_KEYS);
    }

    LimiterRegistry(LongSupplier nanos, int maxKeys) {
        this.nanos = nanos;
        this.maxKeys = maxKeys;
        this.hand = buckets.entrySet().iterator();
    }

    long now() {
        return nanos.getAsLong();
    }

    Bucket bucket(ClientKey key) {
        Bucket known = buckets.get(key);
        if (known != null) {
            return known;
        }
        if (keys.get() >= maxKeys) {
            makeRoom();
        }
        return buckets.computeIfAbsent(
                key,
                _ -> {
                    keys.incrementAndGet();
                    return new Bucket(now());
                });
    }

    /** Whether one more is within {@code max}; what was acquired must be released. */
    boolean acquire(ClientKey key, int max) {
        boolean[] acquired = new boolean[1];
        inFlight.compute(
                key,
                (_, count) -> {
                    int now = count == null ? 0 : count;
                    acquired[0] = now < max;
                    return acquired[0] ? Integer.valueOf(now + 1) : count;
                });
        return acquired[0];
    }

    void release(ClientKey key) {
        inFlight.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    }

    void countRejection() {
        rejected.increment();
    }

    /** How many requests a limit refused. */
    public long rejected() {
        return rejected.sum();
    }

    /** How often a client was forgotten before its bucket was empty, because the table was full. */
    public long evicted() {
        return evicted.sum();
    }

    /** How many clients rate limits remember. */
    public int size() {
        return keys.get();
    }

    private synchronized void makeRoom() {
        Map.Entry<ClientKey, Bucket> emptiest = null;
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < LOOKED_AT; i++) {
            Map.Entry<ClientKey, Bucket> entry = next();
            if (entry == null) {
                break;
            }
            long left = entry.getValue().nanosUntilEmpty(now());
            if (left == 0) {
                remove(entry);
                return;
            }
            if (left < shortest) {
                shortest = left;
                emptiest = entry;
            }
        }
        if (emptiest != null && remove(emptiest)) {
            evicted.increment();
        }
    }

    private Map.@Nullable Entry<ClientKey, Bucket> next() {
        if (!hand.hasNext()) {
            hand = buckets.entrySet().iterator();
        }
        return hand.hasNext() ? hand.next() : null;
    }

    private boolean remove(Map.Entry<ClientKey, Bucket> entry) {
        boolean removed = buckets.remove(entry.getKey(), entry.getValue());
        if (removed) {
            keys.decrementAndGet();
        }
        return removed;
    }
}
