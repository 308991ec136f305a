package dev.fairway.dataplane.proxy;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Open client connections of all loops, counted in all and per address (attack ledger F2). At the cap
 * the listeners stop accepting, so that newcomers wait in the kernel's queue; they go on when one
 * closes, or when addresses that have more than their share give up what they don't use. Thread-safe.
 */
final class Connections {
    /** So long a connection may be about to ask. */
    private static final long UNUSED_NANOS = 1_000_000_000;

    /** So large a part of all is closed at once, that newcomers don't wait long. */
    private static final int PART = 64;

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

    /**
     * Closes unused ones of this loop while newcomers wait: of the addresses that have most, the oldest
     * first, down to an even share for each and for one that waits. On that loop.
     */
    void makeRoom(Collection<Downstream> clients, long now) {
        if (!paused || pressed) {
            return;
        }
        int share = Math.max(1, limits.connections() / (bySource.size() + 1));
        Map<Source, List<Downstream>> greedy = new HashMap<>();
        for (Downstream client : clients) {
            Source source = Source.of(client.peer());
            if (of(source) > share) {
                greedy.computeIfAbsent(source, same -> new ArrayList<>()).add(client);
            }
        }
        List<Source> most = new ArrayList<>(greedy.keySet());
        most.sort(Comparator.comparingInt(this::of).reversed());
        int left = Math.max(1, limits.connections() / PART);
        for (Source source : most) {
            for (Downstream client : greedy.getOrDefault(source, List.of())) {
                if (left == 0 || of(source) <= share) {
                    break;
                }
                if (client.closeIfIdle(now - UNUSED_NANOS)) {
                    counters.fire(Limit.CONNECTIONS_UNUSED);
                    left--;
                }
            }
        }
    }

    private int of(Source source) {
        return bySource.getOrDefault(source, 0);
    }

    void left(Source source) {
        bySource.computeIfPresent(source, (same, count) -> count == 1 ? null : count - 1);
    }
}
