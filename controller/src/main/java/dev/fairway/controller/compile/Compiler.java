package dev.fairway.controller.compile;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import java.time.Instant;
import java.util.List;

/** Cluster objects to a routing snapshot. */
public final class Compiler {
    @SuppressWarnings("UnusedVariable")
    private final Randomness randomness;

    /** @param randomness asked only for what {@link Retained} does not hold yet */
    public Compiler(Randomness randomness) {
        this.randomness = randomness;
    }

    /**
     * Pure: equal arguments give equal bytes, in whatever order the lists of {@code state} come.
     *
     * @param retained what was published last
     * @param observedAt when the state was read; certificates expire against it
     */
    public Compilation compile(
            ClusterState state, CompileOptions options, Retained retained, Instant observedAt) {
        Snapshot snapshot =
                new Snapshot(Snapshot.EMPTY.settings(), options.listeners(), List.of(), List.of());
        return new Compilation(snapshot, Endpoints.NONE, Keys.NONE, List.of(), List.of());
    }
}
