package dev.fairway.dataplane.balance;

import java.util.concurrent.atomic.LongAdder;

/**
 * How many endpoints of one backend may be out at once: a third, but one of two. A gate against
 * ejecting a whole backend for a fault that all of it shares.
 */
final class Ejections {

    /** Counted over all backends; outlives each of them. */
    record Counters(LongAdder ejected, LongAdder refused, LongAdder panics) {
        Counters() {
            this(new LongAdder(), new LongAdder(), new LongAdder());
        }
    }

    private final Counters counters;

    /** Replaced as one when the set changes. */
    private volatile Endpoint[] endpoints = {};

    /** False while nothing was ever ejected: a pick then needs no count. */
    private volatile boolean any;

    Ejections(Counters counters) {
        this.counters = counters;
    }

    void over(Endpoint[] all) {
        endpoints = all;
    }

    synchronized void request(PassiveHealth health) {
        if (health.ejected()) {
            return;
        }
        Endpoint[] all = endpoints;
        if (count(all) < limit(all.length)) {
            any = true;
            health.eject();
            counters.ejected.increment();
        } else {
            counters.refused.increment();
        }
    }

    /** More than half of them out: ejection says nothing any more and is ignored. */
    boolean panic(Endpoint[] pool) {
        if (any && count(pool) * 2 > pool.length) {
            counters.panics.increment();
            return true;
        }
        return false;
    }

    static int limit(int size) {
        return size < 2 ? 0 : Math.max(1, size / 3);
    }

    private static int count(Endpoint[] all) {
        int out = 0;
        for (Endpoint endpoint : all) {
            if (endpoint.health().ejected()) {
                out++;
            }
        }
        return out;
    }
}
