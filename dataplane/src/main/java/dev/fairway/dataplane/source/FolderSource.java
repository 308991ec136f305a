package dev.fairway.dataplane.source;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import dev.fairway.contract.codec.Limits;
import dev.fairway.contract.codec.SharedConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shared config in a folder. A watch tells of changes at once; a look each second makes up for
 * events that file systems lose, and for a folder that does not exist yet.
 */
public final class FolderSource implements SnapshotSource {
    private static final Logger log = LoggerFactory.getLogger(FolderSource.class);
    private static final long LOOK_MILLIS = 1_000;

    private final Path folder;
    private final ChunkFolder manifests;
    private final ChunkFolder chunks;
    private final ChunkFolder keys;
    private volatile boolean again;
    private volatile @Nullable Thread watcher;

    public FolderSource(Path folder) {
        this.folder = folder;
        this.manifests = new ChunkFolder(folder);
        this.chunks = new ChunkFolder(folder.resolve(SharedConfig.CHUNK_FOLDER));
        this.keys = new ChunkFolder(folder.resolve(SharedConfig.KEY_FOLDER));
    }

    @Override
    public void start(Consumer<byte[]> told) {
        watcher = Thread.ofPlatform().daemon().name("folder-watch").start(() -> watch(told));
    }

    @Override
    public byte @Nullable [] chunk(Part part, String hash) throws IOException {
        ChunkFolder from = part == Part.KEYS ? keys : chunks;
        return from.read(hash, Limits.CHUNK_BYTES);
    }

    @Override
    public void reread() {
        again = true;
    }

    @Override
    public String toString() {
        return "folder " + folder;
    }

    @Override
    public void close() {
        Thread thread = watcher;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void watch(Consumer<byte[]> told) {
        String complaint = "";
        byte[] last = {};
        try (WatchService events = folder.getFileSystem().newWatchService()) {
            WatchKey key = null;
            while (true) {
                try {
                    if ((key == null || !key.isValid()) && Files.isDirectory(folder)) {
                        key = folder.register(events, ENTRY_CREATE, ENTRY_MODIFY);
                    }
                    byte[] manifest =
                            manifests.read(SharedConfig.MANIFEST_FILE, Limits.MANIFEST_BYTES);
                    if (manifest != null && (again || !Arrays.equals(manifest, last))) {
                        again = false;
                        last = manifest;
                        told.accept(manifest);
                    }
                    complaint = "";
                } catch (IOException e) {
                    if (!complaint.equals(e.toString())) {
                        complaint = e.toString();
                        log.warn("{} can't be read: {}", this, complaint);
                    }
                }
                WatchKey signalled = events.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (signalled != null) {
                    signalled.pollEvents();
                    signalled.reset();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        } catch (IOException e) {
            log.error("{} can't be watched", this, e);
        }
    }
}
