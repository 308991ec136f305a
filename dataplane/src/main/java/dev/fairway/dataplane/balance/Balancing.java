package dev.fairway.dataplane.balance;

import dev.fairway.contract.Policy.LoadBalance;
import java.time.Duration;

/** The ways to choose, by name. A new algorithm is one file and one line here. */
public final class Balancing {
    private Balancing() {}

    /** Shared by all requests: these keep nothing of a single one. */
    public static Selection of(LoadBalance policy, Backend backend, Chance chance) {
        SlowStart slowStart = backend.slowStart(policy.slowStart().orElse(Duration.ZERO).toNanos());
        return switch (policy.algorithm()) {
            case ROUND_ROBIN -> new RoundRobin(backend, slowStart, chance);
            case LEAST_REQUESTS -> LowestCost.leastRequests(backend, slowStart, chance);
            case EWMA -> LowestCost.peakEwma(backend, slowStart, chance);
        };
    }

    /**
     * For one request.
     *
     * @param key equal keys meet the same endpoint while the set stands
     * @param subset 0: one endpoint; else random among this many
     */
    public static Selection hashed(Backend backend, String key, int subset, Chance chance) {
        return new Hashed(backend, Rendezvous.hash(key), subset, chance);
    }
}
