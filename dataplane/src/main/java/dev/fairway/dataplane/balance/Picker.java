package dev.fairway.dataplane.balance;

import org.jspecify.annotations.Nullable;

/** One way to choose among a backend's endpoints; says nothing about who is eligible. */
abstract class Picker implements Selection {
    private static final Eligible[] LENIENCE = Eligible.values();

    final Backend backend;

    Picker(Backend backend) {
        this.backend = backend;
    }

    @Override
    public final @Nullable Endpoint pick(Tried tried) {
        Endpoint[] pool = backend.pool();
        if (pool.length == 0) {
            return null;
        }
        for (int i = backend.strictest(pool).ordinal(); i < LENIENCE.length; i++) {
            Endpoint chosen = choose(pool, LENIENCE[i], tried);
            if (chosen != null) {
                return chosen;
            }
        }
        return null;
    }

    /**
     * @param pool not empty
     * @return null when nobody is eligible
     */
    abstract @Nullable Endpoint choose(Endpoint[] pool, Eligible eligible, Tried tried);
}
