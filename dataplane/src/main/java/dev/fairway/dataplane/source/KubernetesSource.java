package dev.fairway.dataplane.source;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import dev.fairway.contract.codec.SharedConfig;
import dev.fairway.dataplane.source.ClusterObject.WatchEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shared config in ConfigMaps and Secrets: list, then watch the one manifest by name, for ever.
 *
 * <p>A watch is asked to end within a minute and is cut when it does not, so that a connection that
 * died silently costs a minute at most; each next watch goes on from the last version seen. 410
 * (that version is compacted) and everything unexpected lead back to the list, after a back-off.
 */
public final class KubernetesSource implements SnapshotSource {
    private static final Logger log = LoggerFactory.getLogger(KubernetesSource.class);
    private static final Patience DEFAULT = new Patience(30, 20, 5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** How long a server may ask us to stay away. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

    private final ApiServer server;
    private final String namespace;
    private final String id;
    private final RandomGenerator random;
    private final Patience patience;
    private final Backoff backoff;
    private final ScheduledExecutorService overdue =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("manifest-overdue").factory());
    private volatile @Nullable Thread watcher;
    private volatile @Nullable InputStream open;
    private volatile boolean reread;
    // Owned by the watching thread.
    private boolean away;

    /**
     * How long a watch is meant to last, in seconds: at least this, at most so much more, and how far
     * beyond that its end may be overdue.
     */
    record Patience(int least, int spread, int overdue) {}

    /**
     * @param namespace of the shared config
     * @param id of the data plane, as {@link SharedConfig#id}
     */
    public KubernetesSource(ApiServer server, String namespace, String id, RandomGenerator random) {
        this(server, namespace, id, random, DEFAULT);
    }

    KubernetesSource(
            ApiServer server,
            String namespace,
            String id,
            RandomGenerator random,
            Patience patience) {
        this.patience = patience;
        this.server = server;
        this.namespace = namespace;
        this.id = id;
        this.random = random;
        this.backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, random);
    }

    @Override
    public void start(Consumer<byte[]> told) {
        watcher = Thread.ofPlatform().daemon().name("manifest-watch").start(() -> follow(told));
    }

    @Override
    public byte @Nullable [] chunk(Part part, String hash) throws IOException {
        String name = SharedConfig.chunkName(id, hash);
        boolean secret = part == Part.KEYS;
        try {
            byte[] json = server.get(objects(secret ? "secrets" : "configmaps") + "/" + name);
            String value = ClusterObject.parse(json, SharedConfig.CHUNK_KEY).value();
            if (value == null) {
                return null;
            }
            return secret
                    ? Base64.getDecoder().decode(value)
                    : value.getBytes(StandardCharsets.UTF_8);
        } catch (ApiServer.Rejected e) {
            if (e.status() == 404) {
                return null;
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw new IOException("no Base64 in " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void reread() {
        reread = true;
        cut(open);
    }

    @Override
    public String toString() {
        return "namespace " + namespace + " at " + server;
    }

    @Override
    public void close() {
        overdue.shutdownNow();
        Thread thread = watcher;
        if (thread != null) {
            thread.interrupt();
        }
        cut(open);
        server.close();
    }

    private void follow(Consumer<byte[]> told) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                String version = list(told);
                reread = false;
                while (!reread && !version.isEmpty()) {
                    version = watch(version, told);
                    backoff.reset();
                }
            } catch (InterruptedException e) {
                return;
            } catch (IOException | RuntimeException e) {
                if (!pause(e)) {
                    return;
                }
            }
        }
    }

    /** The version to watch from. */
    private String list(Consumer<byte[]> told) throws IOException, InterruptedException {
        byte[] json = server.get(objects("configmaps") + selector());
        ClusterObject list = ClusterObject.parse(json, SharedConfig.MANIFEST_KEY);
        back();
        for (ClusterObject item : list.items()) {
            tell(item, told);
        }
        if (list.resourceVersion().isEmpty()) {
            throw new IOException("a list without a resourceVersion");
        }
        return list.resourceVersion();
    }

    /**
     * @return the version to go on from; empty: list again
     */
    private String watch(String from, Consumer<byte[]> told)
            throws IOException, InterruptedException {
        int seconds = patience.least() + random.nextInt(patience.spread());
        String query =
                "&watch=1&allowWatchBookmarks=true&resourceVersion="
                        + from
                        + "&timeoutSeconds="
                        + seconds;
        String version = from;
        long begun = System.nanoTime();
        InputStream stream = server.stream(objects("configmaps") + selector() + query);
        ScheduledFuture<?> end =
                overdue.schedule(() -> cut(stream), seconds + patience.overdue(), TimeUnit.SECONDS);
        open = stream;
        try (stream;
                JsonParser parser = ClusterObject.events(stream)) {
            back();
            while (!reread) {
                WatchEvent event = ClusterObject.next(parser, SharedConfig.MANIFEST_KEY);
                if (event == null) {
                    break;
                }
                if (event.type().equals("ERROR")) {
                    return expired(event.object());
                }
                version = event.object().resourceVersion();
                if (event.type().equals("ADDED") || event.type().equals("MODIFIED")) {
                    tell(event.object(), told);
                } else if (event.type().equals("DELETED")) {
                    log.warn("the manifest in {} was deleted; the active snapshot stays", this);
                }
            }
        } catch (JacksonException e) {
            log.debug("watch unreadable: {}", e.toString());
            version = "";
        } catch (IOException e) {
            // Cut by us or by the network; what has been seen stays seen.
            log.debug("watch ended: {}", e.toString());
        } finally {
            open = null;
            end.cancel(false);
        }
        if (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(1)) {
            // A server that ends watches at once must not make us spin.
            Thread.sleep(backoff.pause());
        }
        return version;
    }

    private static String expired(ClusterObject status) throws IOException {
        if (status.code() == 410) {
            return "";
        }
        throw new IOException("watch: " + status.code() + " " + status.message());
    }

    private static void tell(ClusterObject manifest, Consumer<byte[]> told) {
        String value = manifest.value();
        if (value != null) {
            told.accept(value.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** False: closed meanwhile. */
    private boolean pause(Exception e) {
        if (!away) {
            away = true;
            log.warn("{} can't be read ({}); the active snapshot serves on", this, e.getMessage());
        }
        Duration wait = backoff.pause();
        if (e instanceof ApiServer.Rejected rejected
                && rejected.retryAfter().compareTo(wait) > 0
                && rejected.retryAfter().compareTo(LONGEST_RETRY_AFTER) <= 0) {
            wait = rejected.retryAfter();
        }
        try {
            Thread.sleep(wait);
            return true;
        } catch (InterruptedException closed) {
            return false;
        }
    }

    private void back() {
        if (away) {
            away = false;
            log.info("{} can be read again", this);
        }
    }

    private String objects(String plural) {
        return "/api/v1/namespaces/" + namespace + "/" + plural;
    }

    private String selector() {
        return "?fieldSelector=metadata.name%3D" + SharedConfig.manifestName(id);
    }

    private static void cut(@Nullable InputStream stream) {
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                log.debug("closing a watch: {}", e.toString());
            }
        }
    }
}
