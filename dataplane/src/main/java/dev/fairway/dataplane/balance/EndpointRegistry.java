package dev.fairway.dataplane.balance;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Every backend of the process and its endpoints; one for the process, outlives generations. An
 * endpoint that stays in its set keeps its object, and with it connections and statistics.
 * Thread-safe: picks read published arrays, {@link #apply} is serial.
 */
public final class EndpointRegistry {
    private final LongSupplier nanos;
    private final Chance chance;
    private final Ejections.Counters ejections = new Ejections.Counters();
    private final LongAdder refusedAddresses = new LongAdder();

    /** Weak: a backend without endpoints lives as long as a generation refers to it. */
    private final ConcurrentHashMap<BackendId, WeakReference<Backend>> known =
            new ConcurrentHashMap<>();

    /** Those with endpoints; guarded by this. */
    private Map<BackendId, Backend> populated = Map.of();

    /**
     * @param nanos a monotonic clock
     */
    public EndpointRegistry(LongSupplier nanos, Chance chance) {
        this.nanos = nanos;
        this.chance = chance;
    }

    public EndpointRegistry(LongSupplier nanos) {
        this(nanos, Chance.THREAD_LOCAL);
    }

    /** The live handle; made when it is not known yet. */
    public Backend backend(BackendId id) {
        while (true) {
            WeakReference<Backend> reference =
                    known.computeIfAbsent(
                            id,
                            key -> new WeakReference<>(new Backend(key, nanos, chance, ejections)));
            Backend backend = reference.get();
            if (backend != null) {
                return backend;
            }
            known.remove(id, reference);
        }
    }

    /** Makes the live sets what the argument says. */
    public synchronized void apply(Endpoints endpoints) {
        Map<BackendId, Backend> next = HashMap.newHashMap(endpoints.sets().size());
        for (Endpoints.EndpointSet set : endpoints.sets()) {
            Backend backend = backend(set.backend());
            backend.update(set.endpoints(), refusedAddresses);
            next.put(set.backend(), backend);
        }
        populated.forEach((id, backend) -> {
            if (!next.containsKey(id)) {
                backend.update(List.of(), refusedAddresses);
            }
        });
        populated = next;
        known.values().removeIf(reference -> reference.refersTo(null));
    }

    /** How often an endpoint was ejected. */
    public long ejected() {
        return ejections.ejected().sum();
    }

    /** How often an ejection was refused because too many were out. */
    public long ejectionsRefused() {
        return ejections.refused().sum();
    }

    /** How many picks passed over ejection, since more than half were out. */
    public long panics() {
        return ejections.panics().sum();
    }

    /** How many endpoints were left out because their address is no IP literal. */
    public long refusedAddresses() {
        return refusedAddresses.sum();
    }
}
