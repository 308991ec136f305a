package dev.fairway.dataplane.balance;

import static dev.fairway.contract.Endpoints.Condition.DRAINING;
import static dev.fairway.contract.Endpoints.Condition.READY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Policy.LoadBalance;
import dev.fairway.contract.Policy.LoadBalance.Algorithm;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EndpointRegistryTest {
    private final Sets sets = new Sets();
    private final Selection selection =
            Balancing.of(new LoadBalance(Algorithm.ROUND_ROBIN), sets.backend, sets.chance);

    @Test
    void a_backend_exists_before_its_endpoints_do() {
        assertNull(selection.pick(new Tried()));
        sets.ready(1);
        assertSame(sets.endpoint(0), selection.pick(new Tried()));
        assertSame(sets.backend, sets.registry.backend(Sets.ID));
    }

    @Test
    void an_endpoint_that_stays_keeps_its_object_and_one_that_leaves_is_gone() {
        sets.ready(3);
        Endpoint kept = sets.endpoint(0);
        Endpoint left = sets.endpoint(1);
        kept.begin();
        sets.apply(READY, null, READY, READY);
        assertSame(kept, sets.endpoint(0));
        assertEquals(1, kept.inFlight());
        assertEquals(Endpoint.State.GONE, left.state());
        sets.apply(READY, READY, READY, READY);
        assertNotSame(left, sets.endpoint(1));
        assertEquals(Endpoint.State.READY, sets.endpoint(1).state());
        assertEquals(
                List.of("10.0.0.0:8080", "10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"),
                sets.backend.endpoints().stream().map(Endpoint::toString).toList());
    }

    @Test
    void a_backend_that_leaves_the_endpoints_is_emptied() {
        sets.ready(2);
        Endpoint left = sets.endpoint(0);
        sets.registry.apply(Endpoints.NONE);
        assertEquals(Endpoint.State.GONE, left.state());
        assertNull(selection.pick(new Tried()));
    }

    @Test
    void draining_endpoints_are_used_only_when_nobody_is_ready() {
        sets.apply(READY, DRAINING, DRAINING);
        Endpoint ready = sets.endpoint(0);
        assertEquals(Map.of(ready, 10), Sets.count(selection, 10));
        sets.apply(DRAINING, DRAINING, DRAINING);
        assertEquals(Endpoint.State.DRAINING, ready.state());
        assertEquals(3, Sets.count(selection, 9).size());
    }

    @Test
    void a_pick_that_raced_a_change_never_yields_one_that_is_gone() {
        sets.ready(2);
        Endpoint[] before = sets.backend.pool();
        sets.apply(READY);
        for (Eligible eligible : Eligible.values()) {
            assertEquals(false, eligible.allows(before[1], new Tried()), eligible.toString());
        }
    }

    @Test
    void an_address_that_is_no_literal_costs_only_itself() {
        sets.registry.apply(
                new Endpoints(
                        List.of(
                                new Endpoints.EndpointSet(
                                        Sets.ID,
                                        List.of(
                                                new Endpoints.Endpoint("10.0.0.1", 1, READY),
                                                new Endpoints.Endpoint("localhost", 1, READY),
                                                new Endpoints.Endpoint("fd00::1", 1, READY))))));
        assertEquals(2, sets.backend.usable());
        assertEquals("[fd00:0:0:0:0:0:0:1]:1", sets.endpoint(1).toString());
        assertEquals(1, sets.registry.refusedAddresses());
    }

    @Test
    void five_failures_in_a_row_eject_for_ten_seconds_then_twenty() {
        sets.ready(3);
        Endpoint bad = sets.endpoint(1);
        sets.fail(bad, 4);
        assertEquals(false, bad.health().ejected());
        sets.fail(bad, 1);
        assertEquals(true, bad.health().ejected());
        assertEquals(1, sets.registry.ejected());
        assertEquals(null, Sets.count(selection, 30).get(bad));
        sets.pass(9);
        assertEquals(true, bad.health().ejected());
        sets.pass(1);
        assertEquals(false, bad.health().ejected());
        sets.fail(bad, 5);
        sets.pass(19);
        assertEquals(true, bad.health().ejected());
        sets.pass(1);
        assertEquals(false, bad.health().ejected());
    }

    @Test
    void ejection_never_lasts_beyond_five_minutes_and_is_forgiven_after_as_long() {
        sets.ready(3);
        Endpoint bad = sets.endpoint(0);
        for (int i = 0; i < 12; i++) {
            sets.fail(bad, 5);
            assertEquals(true, bad.health().ejected());
            sets.pass(300);
            assertEquals(false, bad.health().ejected());
        }
        sets.pass(301);
        sets.fail(bad, 5);
        sets.pass(10);
        assertEquals(false, bad.health().ejected());
    }

    @Test
    void a_success_between_failures_begins_the_count_anew() {
        sets.ready(3);
        Endpoint flaky = sets.endpoint(0);
        sets.fail(flaky, 4);
        flaky.begin();
        flaky.end(Endpoint.Result.SUCCESS, 1000);
        sets.fail(flaky, 4);
        assertEquals(false, flaky.health().ejected());
    }

    @Test
    void a_client_that_leaves_says_nothing_about_the_endpoint() {
        sets.ready(3);
        for (int i = 0; i < 9; i++) {
            sets.endpoint(0).begin();
            sets.endpoint(0).end(Endpoint.Result.ABANDONED, 1000);
        }
        assertEquals(false, sets.endpoint(0).health().ejected());
        assertEquals(0, sets.endpoint(0).inFlight());
    }

    @Test
    void at_most_a_third_is_ejected_and_never_the_only_one() {
        sets.ready(6);
        for (int i = 0; i < 6; i++) {
            sets.fail(sets.endpoint(i), 5);
        }
        assertEquals(
                2, sets.backend.endpoints().stream().filter(e -> e.health().ejected()).count());
        assertEquals(4, sets.registry.ejectionsRefused());
        assertEquals(0, Ejections.limit(1));
        assertEquals(1, Ejections.limit(2));
        assertEquals(33, Ejections.limit(100));
    }

    @Test
    void when_more_than_half_is_ejected_ejection_is_ignored() {
        sets.ready(6);
        sets.fail(sets.endpoint(0), 5);
        sets.fail(sets.endpoint(1), 5);
        assertEquals(4, Sets.count(selection, 60).size());
        sets.apply(READY, READY, READY); // two of three are out now
        assertEquals(0, sets.registry.panics());
        assertEquals(3, Sets.count(selection, 60).size());
        assertEquals(60, sets.registry.panics());
    }

    @Test
    void a_change_of_the_set_forgets_no_ejection_and_no_latency() {
        sets.ready(4);
        Endpoint bad = sets.endpoint(1);
        sets.fail(bad, 5);
        sets.endpoint(0).begin();
        sets.endpoint(0).end(Endpoint.Result.SUCCESS, 7_000_000);
        sets.ready(5).ready(4);
        assertSame(bad, sets.endpoint(1));
        assertEquals(true, bad.health().ejected());
        assertEquals(7000, sets.endpoint(0).health().expectedMicros(), 1);
    }

    @ParameterizedTest
    @EnumSource
    void an_endpoint_that_joins_takes_no_more_than_its_share_of_what_comes_next(
            Algorithm algorithm) {
        sets.ready(3);
        Selection of = Balancing.of(new LoadBalance(algorithm), sets.backend, sets.chance);
        serve(of, 300);
        sets.ready(4);
        assertTrue(serve(of, 40).getOrDefault(sets.endpoint(3), 0) <= 20, "one of two at most");
    }

    /** Each ends before the next but five that are always under way. */
    private Map<Endpoint, Integer> serve(Selection of, int requests) {
        Map<Endpoint, Integer> counts = new HashMap<>();
        ArrayDeque<Endpoint> running = new ArrayDeque<>();
        for (int i = 0; i < requests; i++) {
            Endpoint chosen = of.pick(new Tried());
            chosen.begin();
            running.add(chosen);
            counts.merge(chosen, 1, Integer::sum);
            if (running.size() > 5) {
                running.remove().end(Endpoint.Result.SUCCESS, 20_000_000);
            }
        }
        running.forEach(endpoint -> endpoint.end(Endpoint.Result.SUCCESS, 20_000_000));
        return counts;
    }
}
