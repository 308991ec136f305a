package dev.fairway.controller.watch;

import java.io.IOException;
import java.util.Optional;

/** Where cluster objects come from: a cluster, or a folder of manifests. Thread-safe. */
public sealed interface World extends AutoCloseable permits KubernetesWorld, FolderWorld {

    /**
     * Begins to read.
     *
     * @param changed called on any thread, often, cheap: something may be different now
     */
    void start(Runnable changed);

    /** One read of everything; empty until everything has been read once. */
    Optional<View> view();

    /** What is still missing for a view, in words; empty when nothing is. */
    Optional<String> waitingFor();

    /**
     * Whether a fresh, consistent list has the very objects of our last view: asked before
     * something large disappears from the snapshot.
     *
     * @throws IOException when it can't be told
     */
    boolean confirms(View view) throws IOException;

    /**
     * The revision the source has now for a kind, past every cache; empty where there is none.
     *
     * @throws IOException when it can't be told
     */
    Optional<String> revision(String watermarkKind) throws IOException;

    @Override
    void close();
}
