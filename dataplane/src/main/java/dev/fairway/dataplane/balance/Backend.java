package dev.fairway.dataplane.balance;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * A live handle on one backend's endpoints; exists even while it has none. Read by every loop,
 * changed only by {@link EndpointRegistry#apply}.
 */
public final class Backend {
    private static final Members NOBODY = new Members(List.of(), new Endpoint[0], new Endpoint[0]);

    private final BackendId id;
    private final LongSupplier nanos;
    private final Ejections ejections;
    private volatile Members members = NOBODY;

    /** When the last newcomer came; written before the flag. */
    private volatile long lastJoined;

    private volatile boolean newcomers;

    /** Whose turn it is: first attempts, and attempts that follow a failure, each on their own. */
    final AtomicLong turn;

    final AtomicLong retryTurn;

    /**
     * One published state.
     *
     * @param declared what it was made from
     * @param all READY and DRAINING, in the declared order
     * @param pool who takes new requests: READY, or DRAINING when nobody is ready (KEP-1669)
     */
    record Members(List<Endpoints.Endpoint> declared, Endpoint[] all, Endpoint[] pool) {}

    Backend(BackendId id, LongSupplier nanos, Chance chance, Ejections.Counters counters) {
        this.id = id;
        this.nanos = nanos;
        this.ejections = new Ejections(counters);
        // Processes that start together must not begin with the same endpoint.
        this.turn = new AtomicLong(chance.below(1 << 20));
        this.retryTurn = new AtomicLong(chance.below(1 << 20));
    }

    public BackendId id() {
        return id;
    }

    /** READY and DRAINING endpoints at this moment. */
    public List<Endpoint> endpoints() {
        return List.of(members.all);
    }

    /** How many endpoints take new requests. */
    public int usable() {
        return members.pool.length;
    }

    Members members() {
        return members;
    }

    Endpoint[] pool() {
        return members.pool;
    }

    SlowStart slowStart(long windowNanos) {
        return new SlowStart(this, windowNanos, nanos);
    }

    boolean hasNewcomers() {
        return newcomers;
    }

    long lastJoined() {
        return lastJoined;
    }

    /** What a pick begins with. */
    Eligible strictest(Endpoint[] pool) {
        return ejections.panic(pool) ? Eligible.UNTRIED : Eligible.HEALTHY;
    }

    /** Called under the registry's lock. */
    void update(List<Endpoints.Endpoint> declared, LongAdder refused) {
        Members before = members;
        if (before.declared.equals(declared)) {
            return;
        }
        Map<InetSocketAddress, Endpoint> left = new HashMap<>();
        for (Endpoint endpoint : before.all) {
            left.put(endpoint.address(), endpoint);
        }
        List<Endpoint> all = new ArrayList<>(declared.size());
        List<Endpoint> ready = new ArrayList<>(declared.size());
        double typical = typicalMicros(before.all);
        for (Endpoints.Endpoint each : declared) {
            InetSocketAddress address;
            try {
                address = new InetSocketAddress(InetAddress.ofLiteral(each.address()), each.port());
            } catch (IllegalArgumentException _) {
                refused.increment(); // costs only itself
                continue;
            }
            Endpoint.State state =
                    switch (each.condition()) {
                        case READY -> Endpoint.State.READY;
                        case DRAINING -> Endpoint.State.DRAINING;
                    };
            Endpoint endpoint = left.remove(address);
            if (endpoint == null) {
                endpoint = join(address, state, typical, before);
            } else {
                endpoint.state(state);
            }
            all.add(endpoint);
            if (state == Endpoint.State.READY) {
                ready.add(endpoint);
            }
        }
        left.values().forEach(gone -> gone.state(Endpoint.State.GONE));
        Endpoint[] everyone = all.toArray(Endpoint[]::new);
        ejections.over(everyone);
        members =
                new Members(
                        List.copyOf(declared),
                        everyone,
                        ready.isEmpty() ? everyone : ready.toArray(Endpoint[]::new));
    }

    private Endpoint join(
            InetSocketAddress address, Endpoint.State state, double typical, Members before) {
        PassiveHealth health = new PassiveHealth(ejections, nanos);
        if (typical > 0) {
            health.latency().seed(typical);
        }
        boolean newcomer = before.pool.length > 0;
        long now = nanos.getAsLong();
        if (newcomer) {
            lastJoined = now;
            newcomers = true;
        }
        return new Endpoint(address, state, health, now, newcomer);
    }

    private static double typicalMicros(Endpoint[] all) {
        double sum = 0;
        int known = 0;
        for (Endpoint endpoint : all) {
            double micros = endpoint.health().expectedMicros();
            if (micros > 0) {
                sum += micros;
                known++;
            }
        }
        return known == 0 ? 0 : sum / known;
    }
}
