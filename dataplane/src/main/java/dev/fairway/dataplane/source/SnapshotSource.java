package dev.fairway.dataplane.source;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A carrier of shared config, as a reader sees it. */
public interface SnapshotSource extends AutoCloseable {

    /**
     * Begins to tell manifests, as published and unverified; on a thread of its own, for ever. The
     * same one may be told again.
     */
    void start(Consumer<byte[]> manifests);

    /**
     * A chunk's bytes, unverified.
     *
     * @return null when there is no such chunk now
     * @throws IOException when the carrier can't be read
     */
    byte @Nullable [] chunk(Part part, String hash) throws IOException;

    /** Tell the manifest again soon: a chunk it names was not to be had. */
    void reread();

    /** Where this is, for the log. */
    @Override
    String toString();

    @Override
    void close();
}
