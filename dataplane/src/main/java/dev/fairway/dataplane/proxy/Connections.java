package dev.fairway.dataplane.proxy;

import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Open client connections of all loops, counted in all and per address (attack ledger F2). At the cap
 * the listeners stop accepting, so that newcomers wait in the kernel's queue; they go on when one
 * closes. Thread-safe.
 */
final class Connections {
    private final ProxyLimits.Entry limits;
    private final LimitCounters counters;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentHashMap<Source, Integer> bySource = new ConcurrentHashMap<>();
    private final List<Channel> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean paused;
    private volatile boolean pressed;

    /** An IPv4 address, or the /64 an IPv6 address is in. */
    record Source(int family, long bits) {
        static Source of(byte[] address) {
            long bits = 0;
            for (int i = 0; i < Math.min(8, address.length); i++) {
                bits = bits << 8 | (address[i] & 0xff);
            }
            return new Source(address.length, bits);
        }
    }

    Connections(ProxyLimits.Entry limits, LimitCounters counters) {
        this.limits = limits;
        this.counters = counters;
    }

    void listening(Channel listener) {
        listeners.add(listener);
    }

    int open() {
        return open.get();
    }

    /** Counts a new connection. */
    Seat opened() {
        if (open.incrementAndGet() >= limits.connections() && !paused) {
            counters.fire(Limit.CONNECTIONS);
            settle();
        }
        return new Seat(this);
    }

    void closed() {
        open.decrementAndGet();
        if (paused) {
            settle();
        }
    }

    /** Whether memory is too short to accept more. */
    void pressed(boolean now) {
        pressed = now;
        settle();
    }

    /** Accepts, or not: whoever changed one of the reasons comes here after that. */
    private synchronized void settle() {
        boolean stop = pressed || open.get() >= limits.connections();
        if (stop != paused) {
            paused = stop;
            for (Channel listener : listeners) {
                listener.config().setAutoRead(!stop);
            }
        }
    }

    /**
     * @return false: this address has as many as it may; else {@link #left} must follow
     */
    boolean entered(Source source) {
        int count = bySource.merge(source, 1, Integer::sum);
        if (count <= limits.connectionsPerAddress()) {
            return true;
        }
        counters.fire(Limit.CONNECTIONS_PER_ADDRESS);
        left(source);
        return false;
    }

    void left(Source source) {
        bySource.computeIfPresent(source, (same, count) -> count == 1 ? null : count - 1);
    }
}
