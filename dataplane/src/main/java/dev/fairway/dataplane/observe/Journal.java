package dev.fairway.dataplane.observe;

import dev.fairway.contract.Route;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

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
    private final List<Map<SeriesLabels, SeriesTally>> loops = new CopyOnWriteArrayList<>();
    private final FastThreadLocal<Map<SeriesLabels, SeriesTally>> own =
            new FastThreadLocal<>() {
                @Override
                protected Map<SeriesLabels, SeriesTally> initialValue() {
                    Map<SeriesLabels, SeriesTally> tallies = new ConcurrentHashMap<>();
                    loops.add(tallies);
                    return tallies;
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
        Map<Route, SeriesLabels> now = SeriesLabels.of(snapshot);
        labelling =
                new Labelling(
                        now,
                        last.now(),
                        AccessLogFormat.of(snapshot.settings().accessLog(), process));
        Set<SeriesLabels> kept = new HashSet<>(now.values());
        kept.addAll(last.now().values());
        kept.add(SeriesLabels.NONE);
        for (Map<SeriesLabels, SeriesTally> tallies : loops) {
            tallies.keySet().retainAll(kept);
        }
    }

    @Override
    public void finished(FinishedExchange exchange) {
        Labelling labels = labelling;
        RoutePlan plan = exchange.plan();
        Request request = exchange.request();
        own.get()
                .computeIfAbsent(
                        plan == null ? SeriesLabels.NONE : labels.of(plan.route()),
                        _ -> new SeriesTally())
                .count(exchange, request == null ? "" : request.method());
        reason(exchange.reason());
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
        for (Map<SeriesLabels, SeriesTally> tallies : loops) {
            tallies.forEach((labels, tally) ->
                    sums.computeIfAbsent(labels, _ -> new SeriesTally()).add(tally));
        }
        sums.forEach(visitor);
    }

    /** How often each reason ended an exchange. */
    Map<String, Long> reasons() {
        Map<String, Long> counts = new TreeMap<>();
        reasons.forEach((reason, count) -> counts.put(reason, count.sum()));
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
