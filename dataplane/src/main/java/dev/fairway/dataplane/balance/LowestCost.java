package dev.fairway.dataplane.balance;

import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The endpoint that costs least: of all when they are few, else of two taken at random (the power of
 * two choices). Few are scanned from a moving start, so that equals take turns.
 */
final class LowestCost extends Picker {
    /** Up to here a scan is cheaper than the herd that two random choices leave. */
    private static final int FEW = 16;

    private final ToDoubleFunction<Endpoint> cost;
    private final int scanned;
    private final Chance chance;

    private LowestCost(
            Backend backend, ToDoubleFunction<Endpoint> cost, int scanned, Chance chance) {
        super(backend);
        this.cost = cost;
        this.scanned = scanned;
        this.chance = chance;
    }

    /** Fewest requests in flight. */
    static Selection leastRequests(Backend backend, Chance chance) {
        return new LowestCost(backend, Endpoint::inFlight, FEW, chance);
    }

    /** Expected response time times the queue before us, always of two choices. */
    static Selection peakEwma(Backend backend, Chance chance) {
        return new LowestCost(
                backend, e -> (e.health().expectedMicros() + 1) * (e.inFlight() + 1), 2, chance);
    }

    @Override
    @Nullable Endpoint choose(Endpoint[] pool, Eligible eligible, Tried tried) {
        if (pool.length <= scanned) {
            int start = (int) Math.floorMod(backend.turn.getAndIncrement(), (long) pool.length);
            return cheapest(pool, start, pool.length, eligible, tried);
        }
        int first = nextEligible(pool, chance.below(pool.length), eligible, tried);
        if (first < 0) {
            return null;
        }
        int away = 1 + chance.below(pool.length - 1);
        int second = nextEligible(pool, (first + away) % pool.length, eligible, tried);
        return cost.applyAsDouble(pool[second]) < cost.applyAsDouble(pool[first])
                ? pool[second]
                : pool[first];
    }

    private @Nullable Endpoint cheapest(
            Endpoint[] pool, int start, int count, Eligible eligible, Tried tried) {
        Endpoint best = null;
        double lowest = Double.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            Endpoint endpoint = pool[(start + i) % pool.length];
            if (eligible.allows(endpoint, tried)) {
                double its = cost.applyAsDouble(endpoint);
                if (its < lowest) {
                    lowest = its;
                    best = endpoint;
                }
            }
        }
        return best;
    }

    private static int nextEligible(Endpoint[] pool, int start, Eligible eligible, Tried tried) {
        for (int i = 0; i < pool.length; i++) {
            int at = (start + i) % pool.length;
            if (eligible.allows(pool[at], tried)) {
                return at;
            }
        }
        return -1;
    }
}
