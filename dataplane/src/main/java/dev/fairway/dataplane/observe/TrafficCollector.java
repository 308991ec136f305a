package dev.fairway.dataplane.observe;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * The families that Micrometer can't read from plain longs: those by route, and those whose labels
 * come and go. On the scraper's thread.
 */
final class TrafficCollector implements MultiCollector {
    private final Journal journal;
    private final SnapshotStatus status;
    private final Supplier<Map<String, Long>> expiries;

    private record Series(Labels labels, SeriesTally tally) {}

    TrafficCollector(Journal journal, SnapshotStatus status, Supplier<Map<String, Long>> expiries) {
        this.journal = journal;
        this.status = status;
        this.expiries = expiries;
    }

    @Override
    public MetricSnapshots collect() {
        List<Series> all = new ArrayList<>();
        journal.each((labels, tally) -> all.add(new Series(labels(labels), tally)));
        return MetricSnapshots.builder()
                .metricSnapshot(requests(all))
                .metricSnapshot(calls(all))
                .metricSnapshot(retries(all))
                .metricSnapshot(
                        histogram(
                                "fairway_request_duration_seconds",
                                "From the first byte of a request to the last of its response.",
                                all,
                                Histogram.DURATION))
                .metricSnapshot(
                        histogram(
                                "fairway_upstream_head_duration_seconds",
                                "From the begin of the last attempt to its response head.",
                                all,
                                Histogram.UPSTREAM_HEAD))
                .metricSnapshot(
                        histogram(
                                "fairway_request_size_bytes",
                                "Head and body of requests.",
                                all,
                                Histogram.REQUEST_BYTES))
                .metricSnapshot(
                        histogram(
                                "fairway_response_size_bytes",
                                "Head and body of responses.",
                                all,
                                Histogram.RESPONSE_BYTES))
                .metricSnapshot(
                        counter(
                                "fairway_exchanges",
                                "Exchanges by how they ended.",
                                "reason",
                                journal.reasons()))
                .metricSnapshot(
                        counter(
                                "fairway_snapshot_refused",
                                "Snapshots that were not taken.",
                                "reason",
                                status.refusals()))
                .metricSnapshot(expiry())
                .build();
    }

    private static Labels labels(SeriesLabels of) {
        return Labels.of(
                "host", of.host(),
                "namespace", of.namespace(),
                "ingress", of.ingress(),
                "service", of.service());
    }

    private static CounterSnapshot requests(List<Series> all) {
        CounterSnapshot.Builder family =
                CounterSnapshot.builder()
                        .name("fairway_requests")
                        .help("Finished requests by configured host and route.");
        for (Series series : all) {
            series.tally()
                    .requests((method, code, count) ->
                            family.dataPoint(
                                    CounterDataPointSnapshot.builder()
                                            .labels(
                                                    series.labels()
                                                            .add("method", method)
                                                            .add("status", code))
                                            .value(count)
                                            .build()));
        }
        return family.build();
    }

    private static CounterSnapshot calls(List<Series> all) {
        CounterSnapshot.Builder family =
                CounterSnapshot.builder()
                        .name("fairway_grpc_calls")
                        .help("gRPC calls by the status that ended them, the backend's or ours.");
        for (Series series : all) {
            series.tally()
                    .calls((code, count) ->
                            family.dataPoint(
                                    CounterDataPointSnapshot.builder()
                                            .labels(series.labels().add("grpc_status", code))
                                            .value(count)
                                            .build()));
        }
        return family.build();
    }

    private static CounterSnapshot retries(List<Series> all) {
        CounterSnapshot.Builder family =
                CounterSnapshot.builder()
                        .name("fairway_upstream_retries")
                        .help("Attempts beyond the first.");
        for (Series series : all) {
            family.dataPoint(
                    CounterDataPointSnapshot.builder()
                            .labels(series.labels())
                            .value(series.tally().retries())
                            .build());
        }
        return family.build();
    }

    private static CounterSnapshot counter(
            String name, String help, String label, Map<String, Long> counts) {
        CounterSnapshot.Builder family = CounterSnapshot.builder().name(name).help(help);
        counts.forEach((value, count) ->
                family.dataPoint(
                        CounterDataPointSnapshot.builder()
                                .labels(Labels.of(label, value))
                                .value(count)
                                .build()));
        return family.build();
    }

    private static HistogramSnapshot histogram(
            String name, String help, List<Series> all, Histogram of) {
        HistogramSnapshot.Builder family = HistogramSnapshot.builder().name(name).help(help);
        for (Series series : all) {
            long[] counts = series.tally().counts(of);
            if (LongStream.of(counts).sum() > 0) {
                family.dataPoint(
                        HistogramDataPointSnapshot.builder()
                                .labels(series.labels())
                                .classicHistogramBuckets(
                                        ClassicHistogramBuckets.of(of.bounds(), counts))
                                .sum(series.tally().sum(of))
                                .build());
            }
        }
        return family.build();
    }

    private GaugeSnapshot expiry() {
        GaugeSnapshot.Builder family =
                GaugeSnapshot.builder()
                        .name("fairway_certificate_expiry_seconds")
                        .help("When the certificate of a server name ends, in Unix time.");
        expiries.get()
                .forEach((host, seconds) ->
                        family.dataPoint(
                                GaugeDataPointSnapshot.builder()
                                        .labels(Labels.of("host", host))
                                        .value(seconds)
                                        .build()));
        return family.build();
    }
}
