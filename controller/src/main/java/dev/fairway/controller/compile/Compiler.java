package dev.fairway.controller.compile;

import dev.fairway.controller.compile.certificate.PairMemory;
import java.time.Instant;

/** Cluster objects to a routing snapshot. */
public final class Compiler {
    private final Randomness randomness;
    private final PairMemory pairs = new PairMemory();

    /** @param randomness asked only for what {@link Retained} does not hold yet */
    public Compiler(Randomness randomness) {
        this.randomness = randomness;
    }

    /**
     * Pure: equal arguments give equal bytes, in whatever order the lists of {@code state} come. One
     * compile at a time; what it remembers of the last one (checked key pairs) only saves time.
     *
     * @param retained what was published last
     * @param observedAt when the state was read; certificates expire against it
     */
    public synchronized Compilation compile(
            ClusterState state, CompileOptions options, Retained retained, Instant observedAt) {
        pairs.turn();
        return new CompileRun(randomness, pairs, state, options, retained, observedAt).run();
    }
}
