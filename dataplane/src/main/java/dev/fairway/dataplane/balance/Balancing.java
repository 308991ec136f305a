package dev.fairway.dataplane.balance;

import dev.fairway.contract.Policy.LoadBalance.Algorithm;

/** The ways to choose, by name. A new algorithm is one file and one line here. */
public final class Balancing {
    private Balancing() {}

    /** Shared by all requests: these keep nothing of a single one. */
    public static Selection of(Algorithm algorithm, Backend backend, Chance chance) {
        return switch (algorithm) {
            case ROUND_ROBIN -> new RoundRobin(backend);
            case LEAST_REQUESTS -> LowestCost.leastRequests(backend, chance);
            case EWMA -> LowestCost.peakEwma(backend, chance);
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
