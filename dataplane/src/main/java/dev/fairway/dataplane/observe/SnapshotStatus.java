package dev.fairway.dataplane.observe;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is active, since when, and what was refused: the answer to "is my change live?". Written by
 * the loader's thread, read by the admin pages and metrics.
 */
public final class SnapshotStatus {
    private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();
    private volatile @Nullable Active active;
    private volatile @Nullable Refusal last;

    /**
     * @param routes hash of the routes document; likewise endpoints and keys
     * @param since when it became active
     * @param source where it came from
     */
    public record Active(
            long epoch,
            long sequence,
            String routes,
            String endpoints,
            String keys,
            Instant since,
            String source) {
        static final Active NONE = new Active(0, 0, "", "", "", Instant.EPOCH, "");
    }

    public record Refusal(String reason, String text, Instant at) {}

    public void activated(Active now) {
        active = now;
    }

    /** Null: there is no snapshot yet. */
    public @Nullable Active active() {
        return active;
    }

    public void refused(Refusal refusal) {
        last = refusal;
        refused.computeIfAbsent(refusal.reason(), _ -> new LongAdder()).increment();
    }

    /** The newest refusal; null when there was none. */
    public @Nullable Refusal lastRefusal() {
        return last;
    }

    /** How many, by reason. */
    public Map<String, Long> refusals() {
        Map<String, Long> counts = new TreeMap<>();
        refused.forEach((reason, count) -> counts.put(reason, count.sum()));
        return counts;
    }
}
