package dev.fairway.dataplane.generation;

/** Makes a verified snapshot the active one. Called on the loader's thread only. */
@FunctionalInterface
public interface Activation {

    /**
     * All or nothing: when it throws, what was active before still is.
     *
     * @throws SnapshotRefused when nothing can be built from it
     */
    void activate(Candidate candidate) throws SnapshotRefused;
}
