package dev.fairway.dataplane.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Listener;
import dev.fairway.contract.Route;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final AccessLog log = new AccessLog(OutputStream.nullOutputStream());
    private final Journal journal = new Journal(log, Settings.AccessLog.OFF);
    private final SnapshotStatus status = new SnapshotStatus();
    private final Metrics metrics = new Metrics(journal, status, Map::of);

    @AfterEach
    void close() {
        metrics.close();
        log.close();
    }

    private static Snapshot snapshot(VirtualHost... hosts) {
        return new Snapshot(Settings.DEFAULTS, Listener.DEFAULTS, List.of(), List.of(hosts));
    }

    private static Route route(String ingress) {
        return new Route(
                "shop/" + ingress,
                new Route.Origin("shop", ingress, "store", "http"),
                AccessLogTest.ROUTE.path(),
                AccessLogTest.ROUTE.action(),
                List.of());
    }

    private static Exchanges.Sent get(String host) {
        return new Exchanges.Sent("GET", "/", host, Map.of());
    }

    private List<String> series(String family) {
        return metrics.scrape().lines().filter(l -> l.startsWith(family + "{")).toList();
    }

    @Test
    void hosts_paths_methods_and_statuses_that_clients_make_up_make_no_series() {
        Route any = route("web");
        journal.follow(snapshot(new VirtualHost(new HostMatch.Any(), List.of(any))));
        for (int i = 0; i < 100_000; i++) {
            Exchanges.Sent request =
                    new Exchanges.Sent("M" + i, "/" + i, "h" + i + ".example", Map.of());
            journal.finished(Exchanges.of(request, any, 200 + i % 400, 200));
            journal.finished(Exchanges.of(request, null, 404));
        }
        int all = (int) metrics.scrape().lines().filter(l -> !l.startsWith("#")).count();
        assertTrue(series("fairway_requests_total").size() < 80, "too many series");
        assertTrue(all < 500, all + " lines");
        assertFalse(metrics.scrape().contains("h77.example"));
        assertEquals(
                1,
                series("fairway_request_duration_seconds_count").stream()
                        .filter(l -> l.contains("host=\"*\"") && l.endsWith(" 100000"))
                        .count());
    }

    @Test
    void counts_go_on_over_swaps_and_leave_with_their_route() {
        Route before = route("web");
        Route after = route("web");
        Route other = route("other");
        HostMatch host = new HostMatch.Exact("a.example");
        journal.follow(snapshot(new VirtualHost(host, List.of(before))));
        journal.finished(Exchanges.of(get("a.example"), before, 200, 200));
        journal.follow(snapshot(new VirtualHost(host, List.of(after))));
        journal.finished(Exchanges.of(get("a.example"), after, 200, 200));
        // Began in the generation before.
        journal.finished(Exchanges.of(get("a.example"), before, 200, 200));
        assertEquals(
                List.of(
                        "fairway_requests_total{host=\"a.example\",ingress=\"web\",method=\"GET\","
                                + "namespace=\"shop\",service=\"store\",status=\"200\"} 3.0"),
                series("fairway_requests_total"));
        journal.follow(snapshot(new VirtualHost(host, List.of(other))));
        journal.follow(snapshot(new VirtualHost(host, List.of(other))));
        assertEquals(List.of(), series("fairway_requests_total"));
    }

    @Test
    void calls_are_counted_by_their_grpc_status_and_other_requests_not() {
        Route route = route("web");
        journal.follow(snapshot(new VirtualHost(new HostMatch.Any(), List.of(route))));
        Exchanges one = Exchanges.of(get("x"), route, 200, 200);
        journal.finished(one);
        assertEquals(List.of(), series("fairway_grpc_calls_total"));
        for (int status : new int[] {0, 0, 14, 17, 999_999_999}) {
            journal.finished(one.ended(status));
        }
        List<String> series = series("fairway_grpc_calls_total");
        assertEquals(3, series.size(), series.toString());
        assertTrue(
                series.stream()
                        .anyMatch(l -> l.contains("grpc_status=\"0\"") && l.endsWith(" 2.0")));
        assertTrue(
                series.stream()
                        .anyMatch(l -> l.contains("grpc_status=\"14\"") && l.endsWith(" 1.0")));
        assertTrue(
                series.stream()
                        .anyMatch(l -> l.contains("grpc_status=\"other\"") && l.endsWith(" 2.0")));
    }

    @Test
    void every_loop_is_counted() throws Exception {
        Route route = route("web");
        journal.follow(snapshot(new VirtualHost(new HostMatch.Any(), List.of(route))));
        Thread[] loops = new Thread[4];
        for (int i = 0; i < loops.length; i++) {
            loops[i] =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int n = 0; n < 1_000; n++) {
                                    journal.finished(Exchanges.of(get("x"), route, 200, 0, 200));
                                }
                            });
        }
        for (Thread loop : loops) {
            loop.join();
        }
        assertTrue(series("fairway_requests_total").getFirst().endsWith(" 4000.0"));
        assertTrue(series("fairway_upstream_retries_total").getFirst().endsWith(" 4000.0"));
        assertTrue(
                series("fairway_request_duration_seconds_bucket").stream()
                        .anyMatch(l -> l.contains("le=\"0.025\"") && l.endsWith(" 4000")));
        assertTrue(
                series("fairway_request_duration_seconds_bucket").stream()
                        .anyMatch(l -> l.contains("le=\"0.01\"") && l.endsWith(" 0")));
    }
}
