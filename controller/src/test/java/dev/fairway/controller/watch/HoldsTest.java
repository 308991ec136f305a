package dev.fairway.controller.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.contract.codec.Chunks;
import dev.fairway.contract.codec.Manifest;
import dev.fairway.controller.compile.Compilation;
import dev.fairway.controller.compile.Retained;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is not published at once: accidents, and views from the past. */
class HoldsTest {

    private final AtomicLong nanos = new AtomicLong();
    private final ShrinkHold hold = new ShrinkHold(nanos::get);

    @Test
    void thirty_percent_may_go_and_one_host_more_is_held() {
        assertEquals(Optional.empty(), hold.hold(hosts(100), hostsNow(70), () -> false));
        assertEquals(
                Optional.of("31 of 100 hosts would disappear"),
                hold.hold(hosts(100), hostsNow(69), () -> false));
    }

    @Test
    void a_small_cluster_changes_as_it_likes() {
        assertEquals(Optional.empty(), hold.hold(hosts(19), hostsNow(0), () -> false));
        assertTrue(hold.hold(hosts(20), hostsNow(0), () -> false).isPresent());
    }

    @Test
    void a_confirming_list_lets_it_through_at_once() {
        assertEquals(Optional.empty(), hold.hold(hosts(100), hostsNow(0), () -> true));
    }

    @Test
    void without_a_confirmation_it_is_thirty_seconds_at_most() {
        assertTrue(hold.hold(hosts(100), hostsNow(0), () -> false).isPresent());
        nanos.addAndGet(Duration.ofSeconds(29).toNanos());
        assertTrue(hold.hold(hosts(100), hostsNow(0), () -> false).isPresent());
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertEquals(Optional.empty(), hold.hold(hosts(100), hostsNow(0), () -> false));
    }

    @Test
    void ten_services_that_lose_over_half_are_held_nine_are_not() {
        assertTrue(hold.hold(endpoints(10, 4), endpointsNow(10, 1), () -> false).isPresent());
        assertEquals(Optional.empty(), hold.hold(endpoints(9, 4), endpointsNow(9, 1), () -> false));
        assertEquals(
                Optional.empty(), hold.hold(endpoints(10, 4), endpointsNow(10, 2), () -> false));
    }

    @Test
    void a_view_is_behind_when_its_number_is_lower_even_with_fewer_digits() {
        assertEquals(
                Optional.of("Ingress"),
                Watermarks.behind(manifest("1000"), Map.of("Ingress", "999")));
        assertEquals(
                Optional.empty(), Watermarks.behind(manifest("1000"), Map.of("Ingress", "1000")));
        assertEquals(
                Optional.empty(), Watermarks.behind(manifest("1000"), Map.of("Ingress", "20000")));
    }

    @Test
    void versions_that_are_no_numbers_and_kinds_no_longer_watched_hold_nothing_up() {
        assertEquals(
                Optional.empty(), Watermarks.behind(manifest("abc"), Map.of("Ingress", "abb")));
        assertEquals(Optional.empty(), Watermarks.behind(manifest("5"), Map.of("Secret", "1")));
    }

    @Test
    void any_number_of_knocks_are_one_and_the_first_counts() throws InterruptedException {
        Knock knock = new Knock(nanos::get);
        nanos.set(7);
        knock.knock();
        nanos.set(9);
        knock.knock();
        assertTrue(knock.await(Duration.ofMillis(1)));
        assertEquals(7, knock.answer());
        assertFalse(knock.await(Duration.ofMillis(1)));
    }

    private static Manifest manifest(String revision) {
        Manifest.Document empty = Chunks.cut(new byte[0]).document();
        return new Manifest(
                1, 1, 1, empty, empty, empty, List.of(new Manifest.Watermark("Ingress", revision)));
    }

    private static Retained hosts(int count) {
        return new Retained(snapshot(count), Endpoints.NONE, Keys.NONE);
    }

    private static Compilation hostsNow(int count) {
        return new Compilation(snapshot(count), Endpoints.NONE, Keys.NONE, List.of(), List.of());
    }

    private static Retained endpoints(int services, int each) {
        return new Retained(Snapshot.EMPTY, sets(services, each), Keys.NONE);
    }

    private static Compilation endpointsNow(int services, int each) {
        return new Compilation(
                Snapshot.EMPTY, sets(services, each), Keys.NONE, List.of(), List.of());
    }

    private static Snapshot snapshot(int hosts) {
        return new Snapshot(
                Snapshot.EMPTY.settings(),
                Snapshot.EMPTY.listeners(),
                List.of(),
                IntStream.range(0, hosts)
                        .mapToObj(i -> new HostMatch.Exact("h" + i + ".example"))
                        .map(host -> new VirtualHost(host, List.of()))
                        .toList());
    }

    private static Endpoints sets(int services, int each) {
        return new Endpoints(
                IntStream.range(0, services)
                        .mapToObj(s ->
                                new Endpoints.EndpointSet(
                                        new BackendId("ns", "s" + s, 80),
                                        IntStream.range(0, each)
                                                .mapToObj(e ->
                                                        new Endpoints.Endpoint(
                                                                "10.0.0." + e,
                                                                80,
                                                                Endpoints.Condition.READY))
                                                .toList()))
                        .toList());
    }
}
