package dev.fairway.dataplane.generation;

import dev.fairway.dataplane.tls.CertificateTable;
import org.jspecify.annotations.Nullable;

/** The active generation: written by the loader's thread, read once by each request. */
public final class Generations {
    private volatile @Nullable BuiltGeneration current;

    /** Null: there has been no snapshot yet. */
    public @Nullable BuiltGeneration current() {
        return current;
    }

    /** The active certificates; none before the first snapshot. */
    public CertificateTable certificates() {
        BuiltGeneration now = current;
        return now == null ? CertificateTable.EMPTY : now.certificates();
    }

    void swap(BuiltGeneration next) {
        current = next;
    }
}
