package dev.fairway.dataplane.balance;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Everybody's turn, exactly: the turn moves just past whoever was taken, so that one who is skipped
 * does not double the load of the next. The turn is the backend's, shared by loops and routes.
 * Attempts after a failure have a turn of their own and don't disturb it.
 */
final class RoundRobin extends Picker {

    RoundRobin(Backend backend) {
        super(backend);
    }

    @Override
    @Nullable Endpoint choose(Endpoint[] pool, Eligible eligible, Tried tried) {
        AtomicLong turn = tried.size() == 0 ? backend.turn : backend.retryTurn;
        while (true) {
            long start = turn.get();
            int skipped = 0;
            while (!eligible.allows(pool[at(start + skipped, pool)], tried)) {
                if (++skipped == pool.length) {
                    return null;
                }
            }
            if (turn.compareAndSet(start, start + skipped + 1)) {
                return pool[at(start + skipped, pool)];
            }
        }
    }

    private static int at(long turn, Endpoint[] pool) {
        return (int) Math.floorMod(turn, (long) pool.length);
    }
}
