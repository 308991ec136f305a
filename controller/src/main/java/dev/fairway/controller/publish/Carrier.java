package dev.fairway.controller.publish;

import dev.fairway.contract.codec.Chunks.Chunk;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where shared config is kept. Chunks are content-addressed and never change; the manifest is the
 * one thing that is replaced. Every method may be called again after it failed. Used by one thread;
 * {@link #start}'s notice comes on any.
 */
public interface Carrier extends AutoCloseable {

    /** What a chunk holds decides who may read it. */
    enum Content {
        /** Routes and endpoints. */
        CONFIG,
        /** Certificates and other secrets. */
        KEYS
    }

    /**
     * The manifest as it is kept.
     *
     * @param version what {@link #replace} must be told
     */
    record Stored(byte[] manifest, String version) {}

    /** Somebody else has written in between. */
    final class ConflictException extends IOException {
        private static final long serialVersionUID = 1L;

        ConflictException(String text) {
            super(text);
        }
    }

    /**
     * @param damaged told when something kept has been changed or deleted by whomever
     */
    void start(Runnable damaged);

    Optional<Stored> read() throws IOException;

    /** A chunk's bytes, unverified; null when it isn't there. */
    byte @Nullable [] chunk(Content content, String hash) throws IOException;

    /**
     * Makes sure the chunk is there.
     *
     * @return whether it was missing
     */
    boolean write(Content content, Chunk chunk) throws IOException;

    /**
     * Replaces the manifest.
     *
     * @param version of the one that is replaced; empty: there must be none
     * @return the new one's version
     * @throws ConflictException when another one is there
     */
    String replace(Optional<String> version, byte[] manifest) throws IOException;

    /** Short ids ({@link #shortId}) of the chunks there are; may lag behind writes a little. */
    Set<String> stored(Content content) throws IOException;

    void delete(Content content, String shortId) throws IOException;

    @Override
    void close();

    /** As {@link dev.fairway.contract.codec.SharedConfig#chunkName} shortens. */
    static String shortId(String hash) {
        return hash.substring(0, 40);
    }
}
