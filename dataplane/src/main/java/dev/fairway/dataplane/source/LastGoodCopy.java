package dev.fairway.dataplane.source;

import dev.fairway.contract.codec.Limits;
import dev.fairway.contract.codec.Manifest;
import dev.fairway.contract.codec.SharedConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last snapshot that was activated, for a container that restarts while nobody can tell it
 * anything. Key material goes to a folder of its own, which is meant to be in memory. Chunks first,
 * the manifest last: what is cut short names the snapshot before. Used by the loader's thread only.
 */
public final class LastGoodCopy {
    private final ChunkFolder manifests;
    private final ChunkFolder chunks;
    private final ChunkFolder keys;

    /** By this process: what an earlier one left may be corrupt. */
    private final Set<String> written = new HashSet<>();

    public LastGoodCopy(Path state, Path keys) {
        this.manifests = new ChunkFolder(state);
        this.chunks = new ChunkFolder(state.resolve(SharedConfig.CHUNK_FOLDER));
        this.keys = new ChunkFolder(keys);
    }

    /** Null when there is none. */
    byte @Nullable [] manifest() throws IOException {
        return manifests.read(SharedConfig.MANIFEST_FILE, Limits.MANIFEST_BYTES);
    }

    byte @Nullable [] chunk(Part part, String hash) throws IOException {
        return folder(part).read(hash, Limits.CHUNK_BYTES);
    }

    /**
     * @param bytes the manifest as it was told
     * @param content every chunk it names, by hash
     */
    void keep(byte[] bytes, Manifest manifest, Map<String, byte[]> content) throws IOException {
        Set<String> open = new HashSet<>();
        Set<String> secret = new HashSet<>();
        for (Part part : Part.values()) {
            ChunkFolder folder = folder(part);
            for (String hash : part.of(manifest).chunks()) {
                (part == Part.KEYS ? secret : open).add(hash);
                byte[] chunk = content.get(hash);
                if (chunk != null && written.add(hash)) {
                    folder.write(hash, chunk);
                }
            }
            if (!part.of(manifest).chunks().isEmpty()) {
                folder.force();
            }
        }
        manifests.write(SharedConfig.MANIFEST_FILE, bytes);
        manifests.force();
        chunks.keepOnly(open);
        keys.keepOnly(secret);
        open.addAll(secret);
        written.retainAll(open);
    }

    private ChunkFolder folder(Part part) {
        return part == Part.KEYS ? keys : chunks;
    }

    @Override
    public String toString() {
        return "last good copy in " + manifests;
    }
}
