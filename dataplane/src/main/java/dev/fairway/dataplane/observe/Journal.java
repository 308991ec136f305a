package dev.fairway.dataplane.observe;

import dev.fairway.contract.Route;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where exchanges end up: counted, and written to the access log. Each loop counts for itself in
 * plain longs; a scrape adds them up. Counts belong to labels, not to generations: they go on over
 * swaps, and leave with the route they are about, one swap later.
 */
public final class Journal implements ExchangeSink {
    /** Reasons are fixed words of our own; the bound only says so. */
    private static final int MOST_REASONS = 256;

    private final AccessLog log;
    private final Settings.AccessLog process;
    private final List<Own> loops = new CopyOnWriteArrayList<>();
    private final FastThreadLocal<Own> own =
            new FastThreadLocal<>() {
                @Override
                protected Own initialValue() {
                    Own fresh = new Own();
                    loops.add(fresh);
                    return fresh;
                }
            };
    private final FastThreadLocal<StringBuilder> line =
            new FastThreadLocal<>() {
                @Override
                protected StringBuilder initialValue() {
                    return new StringBuilder(512);
                }
            };
    private final Map<String, LongAdder> reasons = new ConcurrentHashMap<>();
    private volatile Labelling labelling;

    /** One loop's counts. Written by that loop, read by the scraper. */
    private static final class Own {
        private final Map<SeriesLabels, SeriesTally> tallies = new ConcurrentHashMap<>();

        /** The loop's alone: where a plan's requests were counted last. */
        private final Map<RoutePlan, SeriesTally> byPlan = new IdentityHashMap<>();

        private @Nullable Labelling labelling;
        private long ok;

        SeriesTally tally(@Nullable RoutePlan plan, Labelling labels) {
            if (labelling != labels) {
                labelling = labels;
                byPlan.clear();
            }
            SeriesTally known = plan == null ? null : byPlan.get(plan);
            if (known != null) {
                return known;
            }
            SeriesLabels series = plan == null ? SeriesLabels.NONE : labels.of(plan.route());
            SeriesTally found = tallies.computeIfAbsent(series, _ -> new SeriesTally());
            if (plan != null) {
                byPlan.put(plan, found);
            }
            return found;
        }
    }

    /** The labels of the active snapshot's routes and of the one before; one volatile read. */
    private record Labelling(
            Map<Route, SeriesLabels> now, Map<Route, SeriesLabels> before, AccessLogFormat format) {

        SeriesLabels of(Route route) {
            SeriesLabels labels = now.get(route);
            if (labels == null) {
                labels = before.get(route);
            }
            return labels == null ? SeriesLabels.NONE : labels;
        }
    }

    /**
     * @param process the form of the access log where the snapshot leaves it open
     */
    public Journal(AccessLog log, Settings.AccessLog process) {
        this.log = log;
        this.process = process;
        this.labelling =
                new Labelling(
                        Map.of(),
                        Map.of(),
                        AccessLogFormat.of(Settings.AccessLog.DEFAULT, process));
    }

    /** A snapshot is active whose routes these are. Called on the loader's thread. */
    public void follow(Snapshot snapshot) {
        Labelling last = labelling;
        Map<Route, SeriesLabels> now = SeriesLabels.of(snapshot, last.now());
        labelling =
                new Labelling(
                        now,
                        last.now(),
                        AccessLogFormat.of(snapshot.settings().accessLog(), process));
        Set<SeriesLabels> kept = new HashSet<>(now.values());
        kept.addAll(last.now().values());
        kept.add(SeriesLabels.NONE);
        for (Own loop : loops) {
            loop.tallies.keySet().retainAll(kept);
        }
    }

    @Override
    public void finished(FinishedExchange exchange) {
        Labelling labels = labelling;
        RoutePlan plan = exchange.plan();
        Request request = exchange.request();
        Own counts = own.get();
        counts.tally(plan, labels).count(exchange, request == null ? "" : request.method());
        if (exchange.reason().equals(FinishedExchange.OK)) {
            counts.ok++;
        } else {
            reason(exchange.reason());
        }
        if (labels.format() != AccessLogFormat.OFF) {
            StringBuilder text = line.get();
            text.setLength(0);
            labels.format().line(exchange, text);
            log.offer(text.append('\n'));
        }
    }

    /** Every set of labels with what all loops have counted. */
    void each(BiConsumer<SeriesLabels, SeriesTally> visitor) {
        Map<SeriesLabels, SeriesTally> sums = new ConcurrentHashMap<>();
        for (Own loop : loops) {
            loop.tallies.forEach((labels, tally) ->
                    sums.computeIfAbsent(labels, _ -> new SeriesTally()).add(tally));
        }
        sums.forEach(visitor);
    }

    /** How often each reason ended an exchange. */
    Map<String, Long> reasons() {
        Map<String, Long> counts = new TreeMap<>();
        reasons.forEach((reason, count) -> counts.put(reason, count.sum()));
        long ok = loops.stream().mapToLong(loop -> loop.ok).sum();
        if (ok > 0) {
            counts.put(FinishedExchange.OK, ok);
        }
        return counts;
    }

    private void reason(String reason) {
        LongAdder count = reasons.get(reason);
        if (count == null && reasons.size() < MOST_REASONS) {
            count = reasons.computeIfAbsent(reason, _ -> new LongAdder());
        }
        if (count != null) {
            count.increment();
        }
    }
}
