package dev.fairway.dataplane.balance;

import org.jspecify.annotations.Nullable;

/**
 * Consistent hash of one request's key. With a subset, one of the key's {@code subset} best
 * endpoints at random.
 */
final class Hashed extends Picker {
    private final long key;
    private final int subset;
    private final Chance chance;

    Hashed(Backend backend, long key, int subset, Chance chance) {
        super(backend);
        this.key = key;
        this.subset = subset;
        this.chance = chance;
    }

    @Override
    @Nullable Endpoint choose(Endpoint[] pool, Eligible eligible, Tried tried) {
        if (subset <= 1) {
            return below(pool, Long.MAX_VALUE, true, eligible, tried);
        }
        Endpoint[] best = new Endpoint[Math.min(subset, pool.length)];
        int found = 0;
        for (Endpoint next = below(pool, Long.MAX_VALUE, true, eligible, tried);
                next != null && found < best.length;
                next = below(pool, Rendezvous.weight(key, next), false, eligible, tried)) {
            best[found++] = next;
        }
        return found == 0 ? null : best[chance.below(found)];
    }

    /** The heaviest eligible endpoint lighter than {@code limit} (or as light). */
    private @Nullable Endpoint below(
            Endpoint[] pool, long limit, boolean orEqual, Eligible eligible, Tried tried) {
        Endpoint best = null;
        long heaviest = Long.MIN_VALUE;
        for (Endpoint endpoint : pool) {
            long weight = Rendezvous.weight(key, endpoint);
            boolean lighter = weight < limit || (orEqual && weight == limit);
            if (lighter
                    && (best == null || weight > heaviest)
                    && eligible.allows(endpoint, tried)) {
                best = endpoint;
                heaviest = weight;
            }
        }
        return best;
    }
}
