package dev.fairway.dataplane.proxy;

import java.util.concurrent.atomic.LongAdder;

/** How often each {@link Limit} fired since the start. Thread-safe. */
public final class LimitCounters {
    private final LongAdder[] counts = new LongAdder[Limit.values().length];

    LimitCounters() {
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    void fire(Limit limit) {
        counts[limit.ordinal()].increment();
    }

    void fire(Limit limit, int times) {
        counts[limit.ordinal()].add(times);
    }

    public long count(Limit limit) {
        return counts[limit.ordinal()].sum();
    }
}
