package dev.fairway.dataplane.balance;

import org.jspecify.annotations.Nullable;

/**
 * The endpoint that costs least: of all when they are few, else of two taken at random (the power of
 * two choices). Few are scanned from a moving start, so that equals take turns. Who is warming up seems
 * dearer than it is.
 */
final class LowestCost extends Picker {
    /** Up to here a scan is cheaper than the herd that two random choices leave. */
    private static final int FEW = 16;

    /** Draws before a scan: with a third ejected all of them miss once in 6,000. */
    private static final int DRAWS = 8;

    private final Cost cost;
    private final int scanned;
    private final SlowStart slowStart;
    private final Chance chance;

    private LowestCost(
            Backend backend, Cost cost, int scanned, SlowStart slowStart, Chance chance) {
        super(backend);
        this.cost = cost;
        this.scanned = scanned;
        this.slowStart = slowStart;
        this.chance = chance;
    }

    /** Fewest requests in flight. */
    static Selection leastRequests(Backend backend, SlowStart slowStart, Chance chance) {
        return new LowestCost(backend, Cost.LEAST_REQUESTS, FEW, slowStart, chance);
    }

    /** Expected response time times the queue before us, always of two choices. */
    static Selection peakEwma(Backend backend, SlowStart slowStart, Chance chance) {
        return new LowestCost(backend, Cost.PEAK_EWMA, 2, slowStart, chance);
    }

    @Override
    @Nullable Endpoint choose(Endpoint[] pool, Eligible eligible, Tried tried) {
        boolean warming = slowStart.active();
        if (pool.length <= scanned) {
            return cheapest(pool, eligible, tried, warming);
        }
        int first = draw(pool, -1, eligible, tried);
        if (first < 0) {
            return null;
        }
        int second = draw(pool, first, eligible, tried);
        return second >= 0 && price(pool[second], warming) < price(pool[first], warming)
                ? pool[second]
                : pool[first];
    }

    private double price(Endpoint endpoint, boolean warming) {
        double price = cost.of(endpoint);
        return warming ? price / slowStart.share(endpoint) : price;
    }

    private @Nullable Endpoint cheapest(
            Endpoint[] pool, Eligible eligible, Tried tried, boolean warming) {
        int start = (int) Math.floorMod(backend.turn.getAndIncrement(), (long) pool.length);
        Endpoint best = null;
        double lowest = Double.MAX_VALUE;
        for (int i = 0; i < pool.length; i++) {
            Endpoint endpoint = pool[(start + i) % pool.length];
            if (eligible.allows(endpoint, tried)) {
                double its = price(endpoint, warming);
                if (its < lowest) {
                    lowest = its;
                    best = endpoint;
                }
            }
        }
        return best;
    }

    /**
     * Uniform over the eligible: a draw that misses is drawn again, since the next in the row would get
     * the share of the one that is out besides its own.
     *
     * @param not not this one; -1: any
     * @return -1: there is none
     */
    private int draw(Endpoint[] pool, int not, Eligible eligible, Tried tried) {
        for (int i = 0; i < DRAWS; i++) {
            int at = chance.below(pool.length);
            if (at != not && eligible.allows(pool[at], tried)) {
                return at;
            }
        }
        int start = chance.below(pool.length);
        for (int i = 0; i < pool.length; i++) {
            int at = (start + i) % pool.length;
            if (at != not && eligible.allows(pool[at], tried)) {
                return at;
            }
        }
        return -1;
    }
}
