package dev.fairway.dataplane.balance;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Everybody's turn, exactly: the turn moves just past whoever was taken, so that one who is skipped
 * does not double the load of the next. The turn is the backend's, shared by loops and routes.
 * Attempts after a failure have a turn of their own and don't disturb it. Who is warming up lets some
 * of its turns pass.
 */
final class RoundRobin extends Picker {
    private static final int GRAINS = 1000;

    private final SlowStart slowStart;
    private final Chance chance;

    RoundRobin(Backend backend, SlowStart slowStart, Chance chance) {
        super(backend);
        this.slowStart = slowStart;
        this.chance = chance;
    }

    @Override
    @Nullable Endpoint choose(Endpoint[] pool, Eligible eligible, Tried tried) {
        AtomicLong turn = tried.size() == 0 ? backend.turn : backend.retryTurn;
        if (slowStart.active()) {
            Endpoint warm = next(turn, pool, eligible, tried, true);
            if (warm != null) {
                return warm;
            }
        }
        return next(turn, pool, eligible, tried, false);
    }

    private @Nullable Endpoint next(
            AtomicLong turn, Endpoint[] pool, Eligible eligible, Tried tried, boolean sparing) {
        while (true) {
            long start = turn.get();
            int skipped = 0;
            Endpoint whose = pool[at(start, pool)];
            while (!eligible.allows(whose, tried) || (sparing && spared(whose))) {
                if (++skipped == pool.length) {
                    return null;
                }
                whose = pool[at(start + skipped, pool)];
            }
            if (turn.compareAndSet(start, start + skipped + 1)) {
                return whose;
            }
        }
    }

    private boolean spared(Endpoint endpoint) {
        double share = slowStart.share(endpoint);
        return share < 1 && chance.below(GRAINS) >= share * GRAINS;
    }

    private static int at(long turn, Endpoint[] pool) {
        return (int) Math.floorMod(turn, (long) pool.length);
    }
}
