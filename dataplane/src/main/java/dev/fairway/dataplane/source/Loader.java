package dev.fairway.dataplane.source;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.codec.Chunks;
import dev.fairway.contract.codec.Decoded;
import dev.fairway.contract.codec.DecodedLines;
import dev.fairway.contract.codec.Manifest;
import dev.fairway.contract.codec.ManifestCodec;
import dev.fairway.contract.codec.SnapshotCodec;
import dev.fairway.dataplane.generation.Activation;
import dev.fairway.dataplane.generation.Candidate;
import dev.fairway.dataplane.generation.SnapshotRefused;
import dev.fairway.dataplane.observe.SnapshotStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From manifests that are told to a snapshot that is active. One thread; the newest manifest wins.
 * A snapshot is taken whole or refused whole, and only one newer by (epoch, sequence) is taken: a
 * deposed leader can't roll this process back. What the active snapshot has already is neither
 * fetched nor decoded again, line by line.
 */
public final class Loader implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Loader.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

    private final SnapshotSource source;
    private final @Nullable LastGoodCopy copy;
    private final Activation activation;
    private final SnapshotStatus status;
    private final InstantSource clock;
    private final Backoff retry;
    private final BlockingQueue<byte[]> told = new ArrayBlockingQueue<>(1);

    // Owned by the loader's thread.
    private @Nullable Loaded active;
    private final DecodedLines routes = new DecodedLines();
    private final DecodedLines endpoints = new DecodedLines();
    private final DecodedLines keys = new DecodedLines();
    private String complaint = "";
    private @Nullable Thread thread;

    /** The active snapshot's parts and the bytes they came from. */
    private record Loaded(
            Manifest manifest,
            Snapshot snapshot,
            Endpoints endpoints,
            Keys keys,
            Map<String, byte[]> chunks) {}

    /** The carrier does not hold (or yield) what the manifest names; another look may help. */
    private static final class Incomplete extends Exception {
        private static final long serialVersionUID = 1L;

        Incomplete(String text) {
            super(text);
        }
    }

    private interface ChunkReader {
        byte @Nullable [] read(Part part, String hash) throws IOException;
    }

    private interface Decoder<B, T> {
        Decoded<T> decode(B bytes);
    }

    /**
     * @param copy null: none is kept
     * @param activation called on the loader's thread
     */
    public Loader(
            SnapshotSource source,
            @Nullable LastGoodCopy copy,
            Activation activation,
            SnapshotStatus status,
            InstantSource clock,
            RandomGenerator random) {
        this.source = source;
        this.copy = copy;
        this.activation = activation;
        this.status = status;
        this.clock = clock;
        this.retry = new Backoff(FIRST_RETRY, LONGEST_RETRY, random);
    }

    /** The last good copy first, then whatever the source tells, until closed. */
    public void start() {
        thread = Thread.ofPlatform().daemon().name("snapshot-loader").start(this::run);
    }

    @Override
    public void close() {
        source.close();
        Thread running = thread;
        if (running != null && running != Thread.currentThread()) {
            running.interrupt();
            try {
                // A copy that is being written ends first: nobody finds half of it, or a file after
                // us.
                running.join(Duration.ofSeconds(2));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run() {
        restore();
        source.start(this::tell);
        byte[] manifest = null;
        long due = Long.MAX_VALUE;
        try {
            while (true) {
                byte[] next = told.poll(waitNanos(due), TimeUnit.NANOSECONDS);
                boolean repeated = next != null && Arrays.equals(next, manifest);
                if (next != null && !repeated) {
                    manifest = next;
                    retry.reset();
                } else if (System.nanoTime() < due) {
                    // The same manifest again, asked for by us: its retry keeps its pace.
                    continue;
                }
                due = Long.MAX_VALUE;
                if (manifest != null && !load(manifest, source::chunk, source.toString(), true)) {
                    due = System.nanoTime() + retry.pause().toNanos();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private static long waitNanos(long due) {
        return due == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, due - System.nanoTime());
    }

    /** Called on the source's thread. */
    private void tell(byte[] manifest) {
        while (!told.offer(manifest)) {
            told.poll();
        }
    }

    private void restore() {
        LastGoodCopy from = copy;
        if (from == null) {
            return;
        }
        try {
            byte[] manifest = from.manifest();
            if (manifest != null) {
                load(manifest, from::chunk, from.toString(), false);
            }
        } catch (IOException e) {
            log.warn("{} can't be read: {}", from, e.toString());
        }
    }

    /**
     * @return false: another look may help
     */
    private boolean load(byte[] bytes, ChunkReader reader, String origin, boolean keep) {
        try {
            Manifest manifest = decode("manifest", bytes, ManifestCodec::decode);
            Loaded before = active;
            if (before != null && !newer(manifest, before.manifest())) {
                return true;
            }
            Loaded loaded = read(manifest, before, reader);
            activate(loaded, before);
            active = loaded;
            complaint = "";
            status.activated(
                    new SnapshotStatus.Active(
                            manifest.epoch(),
                            manifest.sequence(),
                            manifest.routes().hash(),
                            manifest.endpoints().hash(),
                            manifest.keys().hash(),
                            clock.instant(),
                            origin));
            if (keep) {
                keep(bytes, loaded);
            }
            return true;
        } catch (SnapshotRefused e) {
            refuse(origin, e.reason(), e.text());
            return true;
        } catch (Incomplete e) {
            refuse(origin, "incomplete", String.valueOf(e.getMessage()));
            source.reread();
            return false;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            // Whatever a snapshot does to the code that builds from it, the active one serves on.
            log.error("a snapshot from {} broke the code that reads it", origin, e);
            refuse(origin, "failure", e.toString());
            return true;
        }
    }

    private static boolean newer(Manifest next, Manifest now) throws SnapshotRefused {
        if (next.newerThan(now.epoch(), now.sequence())) {
            return true;
        }
        boolean same =
                next.epoch() == now.epoch()
                        && next.sequence() == now.sequence()
                        && next.routes().hash().equals(now.routes().hash())
                        && next.endpoints().hash().equals(now.endpoints().hash())
                        && next.keys().hash().equals(now.keys().hash());
        if (same) {
            return false;
        }
        throw new SnapshotRefused(
                "not-newer",
                "epoch.sequence %d.%d is not newer than the active %d.%d"
                        .formatted(next.epoch(), next.sequence(), now.epoch(), now.sequence()));
    }

    private Loaded read(Manifest manifest, @Nullable Loaded before, ChunkReader reader)
            throws SnapshotRefused, Incomplete {
        Map<String, byte[]> chunks = new HashMap<>();
        for (Part part : Part.values()) {
            fetch(part, part.of(manifest), before, reader, chunks);
        }
        return new Loaded(
                manifest,
                before != null && same(Part.ROUTES, manifest, before)
                        ? before.snapshot()
                        : document(
                                Part.ROUTES,
                                manifest,
                                chunks,
                                pieces -> SnapshotCodec.decodeSnapshot(pieces, routes)),
                before != null && same(Part.ENDPOINTS, manifest, before)
                        ? before.endpoints()
                        : document(
                                Part.ENDPOINTS,
                                manifest,
                                chunks,
                                pieces -> SnapshotCodec.decodeEndpoints(pieces, endpoints)),
                before != null && same(Part.KEYS, manifest, before)
                        ? before.keys()
                        : document(
                                Part.KEYS,
                                manifest,
                                chunks,
                                pieces -> SnapshotCodec.decodeKeys(pieces, keys)),
                chunks);
    }

    private static boolean same(Part part, Manifest manifest, Loaded before) {
        return part.of(manifest).hash().equals(part.of(before.manifest()).hash());
    }

    private static void fetch(
            Part part,
            Manifest.Document document,
            @Nullable Loaded before,
            ChunkReader reader,
            Map<String, byte[]> into)
            throws SnapshotRefused, Incomplete {
        long size = 0;
        for (String hash : document.chunks()) {
            byte[] bytes = before == null ? null : before.chunks().get(hash);
            if (bytes == null) {
                bytes = into.get(hash);
            }
            if (bytes == null) {
                bytes = fetch(part, hash, reader);
            }
            size += bytes.length;
            if (size > document.size()) {
                throw new SnapshotRefused(
                        "document", word(part) + " are longer than the manifest says");
            }
            into.put(hash, bytes);
        }
    }

    private static byte[] fetch(Part part, String hash, ChunkReader reader) throws Incomplete {
        byte[] bytes;
        try {
            bytes = reader.read(part, hash);
        } catch (IOException e) {
            throw new Incomplete("chunk " + hash + " of " + word(part) + ": " + e.getMessage());
        }
        if (bytes == null) {
            throw new Incomplete("chunk " + hash + " of " + word(part) + " is missing");
        }
        if (!Chunks.hash(bytes).equals(hash)) {
            throw new Incomplete("chunk " + hash + " of " + word(part) + " has other content");
        }
        return bytes;
    }

    private static <T> T document(
            Part part,
            Manifest manifest,
            Map<String, byte[]> chunks,
            Decoder<List<byte[]>, T> decoder)
            throws SnapshotRefused {
        List<byte[]> pieces =
                decode(word(part), part.of(manifest), d -> Chunks.pieces(d, chunks::get));
        return decode(word(part), pieces, decoder);
    }

    private static <B, T> T decode(String what, B bytes, Decoder<B, T> decoder)
            throws SnapshotRefused {
        return switch (decoder.decode(bytes)) {
            case Decoded.Accepted<T>(T value) -> value;
            case Decoded.Refused<T>(String reason) ->
                    throw new SnapshotRefused(
                            what.equals("manifest") ? "manifest" : "document",
                            what + ": " + reason);
        };
    }

    private static String word(Part part) {
        return switch (part) {
            case ROUTES -> "routes";
            case ENDPOINTS -> "endpoints";
            case KEYS -> "keys";
        };
    }

    private void activate(Loaded loaded, @Nullable Loaded before) throws SnapshotRefused {
        activation.activate(
                new Candidate(
                        loaded.manifest().epoch(),
                        loaded.manifest().sequence(),
                        loaded.snapshot(),
                        loaded.endpoints(),
                        loaded.keys(),
                        before == null || loaded.snapshot() != before.snapshot(),
                        before == null || loaded.endpoints() != before.endpoints(),
                        before == null || loaded.keys() != before.keys()));
    }

    private void keep(byte[] bytes, Loaded loaded) {
        LastGoodCopy to = copy;
        if (to == null) {
            return;
        }
        try {
            to.keep(bytes, loaded.manifest(), loaded.chunks());
        } catch (IOException e) {
            log.warn("no last good copy of this snapshot: {}", e.toString());
        }
    }

    /** Counted each time another manifest or reason comes, named in the log once. */
    private void refuse(String origin, String reason, String text) {
        if (complaint.equals(reason + text)) {
            return;
        }
        complaint = reason + text;
        status.refused(new SnapshotStatus.Refusal(reason, text, clock.instant()));
        String kept = active == null ? "there is none to keep" : "the active one stays";
        log.warn("snapshot from {} refused ({}): {}; {}", origin, reason, text, kept);
    }
}
