package dev.fairway.controller.publish;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.codec.Chunks;
import dev.fairway.contract.codec.Chunks.Chunk;
import dev.fairway.contract.codec.Chunks.Cut;
import dev.fairway.contract.codec.Decoded;
import dev.fairway.contract.codec.Manifest;
import dev.fairway.contract.codec.Manifest.Document;
import dev.fairway.contract.codec.Manifest.Watermark;
import dev.fairway.contract.codec.ManifestCodec;
import dev.fairway.contract.codec.SnapshotCodec;
import dev.fairway.controller.compile.Retained;
import dev.fairway.controller.publish.Carrier.Content;
import dev.fairway.controller.publish.Carrier.Stored;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One term of leadership: raises the epoch, then publishes. A reader sees the old or the new whole,
 * because chunks come first and the manifest last; a writer whose term is over fails at the
 * manifest, because a later term has raised its epoch.
 *
 * <pre>
 * new ──begin──▶ in term ──publish, heal──▶ in term
 *                   └── manifest with a higher epoch, or no longer leader ──▶ FencedException: over
 * </pre>
 *
 * Used by the loop's thread alone.
 */
public final class Publisher {

    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    /** Our term is over: another leader has begun, or will. */
    public static final class FencedException extends Exception {
        private static final long serialVersionUID = 1L;

        FencedException(String text) {
            super(text);
        }
    }

    /** The three documents of one compilation. */
    private record Documents(Cut routes, Cut endpoints, Cut keys) {

        /** What is as it was is not encoded again: an endpoint change costs the endpoints. */
        static Documents of(Retained now, Retained before, @Nullable Documents known) {
            return new Documents(
                    known != null && now.snapshot().equals(before.snapshot())
                            ? known.routes()
                            : Chunks.cut(SnapshotCodec.encode(now.snapshot())),
                    known != null && now.endpoints().equals(before.endpoints())
                            ? known.endpoints()
                            : Chunks.cut(SnapshotCodec.encode(now.endpoints())),
                    known != null && now.keys().equals(before.keys())
                            ? known.keys()
                            : Chunks.cut(SnapshotCodec.encode(now.keys())));
        }

        boolean are(Manifest manifest) {
            return routes.document().equals(manifest.routes())
                    && endpoints.document().equals(manifest.endpoints())
                    && keys.document().equals(manifest.keys());
        }
    }

    /** Under which version of the carrier's object a manifest is kept. */
    private record Current(Manifest manifest, String version) {}

    private final Carrier carrier;
    private final BooleanSupplier leading;
    private final InstantSource clock;
    private final Sweep sweep;

    /** Our term's number; 0 before {@link #begin}. */
    private long epoch;

    private @Nullable Current current;

    /** The last that was published or found, to write again what somebody deleted. */
    private @Nullable Documents documents;

    private Retained retained = Retained.NOTHING;

    /**
     * @param leading asked right before each write of the manifest
     * @param clock for the first epoch of a cluster, and for how old garbage is
     */
    public Publisher(Carrier carrier, BooleanSupplier leading, InstantSource clock) {
        this.carrier = carrier;
        this.leading = leading;
        this.clock = clock;
        this.sweep = new Sweep(carrier, clock);
    }

    /**
     * Begins the term: raises the epoch by a write of its own, before anything else. What was
     * published by others is {@link #retained} from then on.
     */
    public void begin() throws IOException, FencedException {
        Optional<Stored> stored = carrier.read();
        Manifest found = stored.flatMap(Publisher::decoded).orElse(null);
        if (found == null) {
            // Nothing to count on from. Readers that outlived a manifest have seen a lower epoch,
            // since terms rise far slower than seconds do.
            unreadableVersion = stored.map(Stored::version);
            epoch = clock.instant().getEpochSecond();
        } else {
            Manifest raised = with(found, found.epoch() + 1, 0);
            String version = replace(stored.map(Stored::version), raised);
            retained = load(raised);
            current = new Current(raised, version);
            epoch = raised.epoch();
        }
        log.info("Leading: epoch {}", epoch);
    }

    /** Version of a manifest that can't be read, which the first publication replaces. */
    private Optional<String> unreadableVersion = Optional.empty();

    public boolean begun() {
        return epoch > 0;
    }

    public Retained retained() {
        return retained;
    }

    /** The manifest that readers see, as far as we know. */
    public Optional<Manifest> manifest() {
        return Optional.ofNullable(current).map(Current::manifest);
    }

    /**
     * Makes this what readers see. Equal content is not written again.
     *
     * @return whether something was written
     */
    public boolean publish(
            Snapshot snapshot, Endpoints endpoints, Keys keys, SortedMap<String, String> watermarks)
            throws IOException, FencedException {
        Retained now = new Retained(snapshot, endpoints, keys);
        Documents next = Documents.of(now, retained, documents);
        Current last = current;
        if (last != null && next.are(last.manifest())) {
            documents = next;
            retained = now;
            return false;
        }
        Set<String> config = carrier.stored(Content.CONFIG);
        writeMissing(Content.CONFIG, next.routes(), config);
        writeMissing(Content.CONFIG, next.endpoints(), config);
        writeMissing(Content.KEYS, next.keys(), carrier.stored(Content.KEYS));
        Manifest manifest =
                new Manifest(
                        SnapshotCodec.FORMAT,
                        epoch,
                        last == null ? 1 : last.manifest().sequence() + 1,
                        next.routes().document(),
                        next.endpoints().document(),
                        next.keys().document(),
                        watermarks.entrySet().stream()
                                .map(e -> new Watermark(e.getKey(), e.getValue()))
                                .toList());
        put(manifest);
        documents = next;
        retained = now;
        sweep.published(manifest);
        return true;
    }

    /** Looks whether everything published is still there, and puts back what isn't. */
    public void heal() throws IOException, FencedException {
        Current last = current;
        Documents known = documents;
        if (last == null || known == null) {
            return;
        }
        Optional<Stored> stored = carrier.read();
        Set<String> config = carrier.stored(Content.CONFIG);
        int rewritten =
                writeMissing(Content.CONFIG, known.routes(), config)
                        + writeMissing(Content.CONFIG, known.endpoints(), config)
                        + writeMissing(Content.KEYS, known.keys(), carrier.stored(Content.KEYS));
        if (!stored.map(Stored::version).equals(Optional.of(last.version()))) {
            put(with(last.manifest(), epoch, last.manifest().sequence() + 1));
            log.warn("The manifest was changed or deleted by somebody; it is written again");
        } else if (rewritten > 0) {
            log.info("Chunks were missing: {} written again", rewritten);
        }
        sweep.run();
    }

    private int writeMissing(Content content, Cut cut, Set<String> there) throws IOException {
        int written = 0;
        for (Chunk chunk : cut.chunks()) {
            if (!there.contains(Carrier.shortId(chunk.hash())) && carrier.write(content, chunk)) {
                written++;
            }
        }
        return written;
    }

    /** Writes a manifest of ours over whatever of an earlier term is there. */
    private void put(Manifest manifest) throws IOException, FencedException {
        Current last = current;
        Optional<String> version = last == null ? unreadableVersion : Optional.of(last.version());
        try {
            current = new Current(manifest, replace(version, manifest));
        } catch (Carrier.ConflictException e) {
            Optional<Stored> stored = carrier.read();
            Manifest there = stored.flatMap(Publisher::decoded).orElse(null);
            if (there != null && there.equals(manifest)) {
                // our own write, whose answer was lost
                current = new Current(manifest, stored.orElseThrow().version());
                return;
            }
            boolean known = last != null && there != null && there.equals(last.manifest());
            if (there != null && there.epoch() >= epoch && !known) {
                throw new FencedException(
                        "the manifest has epoch " + there.epoch() + ", ours is " + epoch);
            }
            current = new Current(manifest, replace(stored.map(Stored::version), manifest));
        }
        unreadableVersion = Optional.empty();
    }

    private String replace(Optional<String> version, Manifest manifest)
            throws IOException, FencedException {
        if (!leading.getAsBoolean()) {
            throw new FencedException("no longer the leader");
        }
        return carrier.replace(version, ManifestCodec.encode(manifest));
    }

    private static Manifest with(Manifest manifest, long epoch, long sequence) {
        return new Manifest(
                manifest.format(),
                epoch,
                sequence,
                manifest.routes(),
                manifest.endpoints(),
                manifest.keys(),
                manifest.watermarks());
    }

    private static Optional<Manifest> decoded(Stored stored) {
        return accepted("manifest", ManifestCodec.decode(stored.manifest()));
    }

    /** What can't be read back is as if it had never been: it is compiled anew anyway. */
    private Retained load(Manifest manifest) throws IOException {
        return new Retained(
                document("routes", manifest.routes(), Content.CONFIG, SnapshotCodec::decodeSnapshot)
                        .orElse(Snapshot.EMPTY),
                document(
                                "endpoints",
                                manifest.endpoints(),
                                Content.CONFIG,
                                SnapshotCodec::decodeEndpoints)
                        .orElse(Endpoints.NONE),
                document("keys", manifest.keys(), Content.KEYS, SnapshotCodec::decodeKeys)
                        .orElse(Keys.NONE));
    }

    private <T> Optional<T> document(
            String name, Document document, Content content, Function<byte[], Decoded<T>> decode)
            throws IOException {
        Map<String, byte[]> chunks = new HashMap<>();
        for (String hash : document.chunks()) {
            byte[] bytes = carrier.chunk(content, hash);
            if (bytes != null) {
                chunks.put(hash, bytes);
            }
        }
        return accepted(name, Chunks.join(document, chunks::get))
                .flatMap(whole -> accepted(name, decode.apply(whole)));
    }

    private static <T> Optional<T> accepted(String name, Decoded<T> decoded) {
        return switch (decoded) {
            case Decoded.Accepted<T> accepted -> Optional.of(accepted.value());
            case Decoded.Refused<T> refused -> {
                log.warn("What is published as {} can't be used: {}", name, refused.reason());
                yield Optional.empty();
            }
        };
    }
}
