package dev.fairway.controller.watch;

import dev.fairway.controller.compile.Problem;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of manifests. The file system's notices make it quick; a look every second makes it
 * sure, because notices get lost and some file systems have none.
 */
public final class FolderWorld implements World {

    private static final Logger log = LoggerFactory.getLogger(FolderWorld.class);
    private static final long LOOK_MILLIS = 1_000;

    /** Editors write a file in several steps; this is how long we let them. */
    private static final long SETTLE_MILLIS = 30;

    private final Path root;
    private final ManifestFolder folder;
    private final Thread thread = Thread.ofPlatform().name("folder").daemon().unstarted(this::run);

    /** Written by {@link #thread}, read by all. */
    private volatile @Nullable View current;

    /** Set once before the thread starts. */
    private Runnable changed = () -> {};

    public FolderWorld(Path root) {
        this.root = root;
        this.folder = new ManifestFolder(root);
    }

    @Override
    public void start(Runnable changed) {
        this.changed = changed;
        thread.start();
    }

    @Override
    public Optional<View> view() {
        return Optional.ofNullable(current);
    }

    @Override
    public Optional<String> waitingFor() {
        return current == null ? Optional.of("the folder " + root) : Optional.empty();
    }

    @Override
    public boolean confirms(View view) {
        // what was read from files is the whole truth about them
        return true;
    }

    @Override
    public Optional<String> revision(String watermarkKind) {
        return Optional.empty();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        Map<Path, String> seen = Map.of();
        try (WatchService notices = FileSystems.getDefault().newWatchService()) {
            while (!Thread.currentThread().isInterrupted()) {
                seen = look(seen, notices);
                WatchKey key = notices.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                    Thread.sleep(SETTLE_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.error("The folder {} can't be watched: {}", root, e.getMessage());
        }
    }

    private Map<Path, String> look(Map<Path, String> seen, WatchService notices) {
        try {
            Map<Path, String> now = folder.stamps();
            if (current == null || !now.equals(seen)) {
                watchFolders(notices);
                publish(folder.read(now.keySet()));
            }
            return now;
        } catch (IOException e) {
            // an error is never an empty folder: what was read last holds
            unreadable(e);
            return Map.of();
        }
    }

    private void publish(View view) {
        current = view;
        changed.run();
    }

    private void unreadable(IOException e) {
        View last = current;
        Problem problem =
                new Problem(
                        "UnreadableFolder",
                        new Problem.Subject("File", "", root.toString()),
                        "",
                        "The folder can't be read (" + e.getClass().getSimpleName() + ").");
        if (last != null && !last.problems().contains(problem)) {
            List<Problem> problems = new ArrayList<>(last.problems());
            problems.add(problem);
            publish(
                    new View(
                            last.state(),
                            last.dataPlane(),
                            last.nodes(),
                            last.pods(),
                            last.watermarks(),
                            problems));
        }
    }

    /** Registering a folder twice yields the key it has. */
    private void watchFolders(WatchService notices) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.filter(Files::isDirectory).toList()) {
                path.register(
                        notices,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY,
                        StandardWatchEventKinds.ENTRY_DELETE);
            }
        }
    }
}
