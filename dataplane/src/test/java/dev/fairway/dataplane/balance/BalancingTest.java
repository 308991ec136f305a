package dev.fairway.dataplane.balance;

import static dev.fairway.contract.Endpoints.Condition.READY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.LoadBalance;
import dev.fairway.contract.Policy.LoadBalance.Algorithm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BalancingTest {
    private final Sets sets = new Sets();

    private Selection of(Algorithm algorithm) {
        return Balancing.of(new LoadBalance(algorithm), sets.backend, sets.chance);
    }

    private Endpoint hashed(String key) {
        return Balancing.hashed(sets.backend, key, 0, sets.chance).pick(new Tried());
    }

    @Test
    void round_robin_gives_three_endpoints_a_hundred_of_three_hundred_requests_each() {
        sets.ready(3);
        assertEquals(Set.of(100), Set.copyOf(Sets.count(of(Algorithm.ROUND_ROBIN), 300).values()));
    }

    @Test
    void round_robin_is_exact_over_all_threads_together() throws Exception {
        sets.ready(3);
        List<Thread> threads = new ArrayList<>();
        Map<Endpoint, LongAdder> counts = new ConcurrentHashMap<>();
        for (int t = 0; t < 4; t++) {
            Selection selection = of(Algorithm.ROUND_ROBIN);
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < 3000; i++) {
                                    counts.computeIfAbsent(
                                                    selection.pick(new Tried()),
                                                    e -> new LongAdder())
                                            .increment();
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(
                List.of(4000L, 4000L, 4000L),
                counts.values().stream().map(LongAdder::sum).toList());
    }

    @Test
    void round_robin_stays_exact_when_one_is_skipped() {
        sets.ready(3);
        Endpoint out = sets.endpoint(1);
        sets.fail(out, 5);
        Map<Endpoint, Integer> counts = Sets.count(of(Algorithm.ROUND_ROBIN), 300);
        assertEquals(Map.of(sets.endpoint(0), 150, sets.endpoint(2), 150), counts);
    }

    @Test
    void attempts_after_a_failure_do_not_disturb_the_turn() {
        sets.ready(3);
        Selection selection = of(Algorithm.ROUND_ROBIN);
        Map<Endpoint, Integer> firsts = new HashMap<>();
        Map<Endpoint, Integer> seconds = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            Endpoint first = selection.pick(new Tried());
            firsts.merge(first, 1, Integer::sum);
            if (first == sets.endpoint(0)) {
                seconds.merge(selection.pick(Sets.tried(first)), 1, Integer::sum);
            }
        }
        assertEquals(Set.of(100), Set.copyOf(firsts.values()));
        assertEquals(Map.of(sets.endpoint(1), 50, sets.endpoint(2), 50), seconds);
    }

    @ParameterizedTest
    @EnumSource
    void who_was_tried_is_asked_again_only_when_nobody_else_is_left(Algorithm algorithm) {
        sets.ready(2);
        Endpoint first = sets.endpoint(0);
        Endpoint second = sets.endpoint(1);
        assertEquals(Map.of(second, 20), Sets.count(of(algorithm), 20, first));
        assertEquals(
                20,
                Sets.count(of(algorithm), 20, first, second).values().stream()
                        .mapToInt(Integer::intValue)
                        .sum());
    }

    @ParameterizedTest
    @EnumSource
    void an_ejected_endpoint_is_avoided_while_another_is_left(Algorithm algorithm) {
        sets.ready(20);
        sets.fail(sets.endpoint(3), 5);
        assertEquals(null, Sets.count(of(algorithm), 2000).get(sets.endpoint(3)));
    }

    @Test
    void least_requests_takes_the_idle_one_and_equals_take_turns() {
        sets.ready(3);
        sets.endpoint(0).begin();
        sets.endpoint(2).begin();
        assertEquals(Map.of(sets.endpoint(1), 10), Sets.count(of(Algorithm.LEAST_REQUESTS), 10));
        sets.endpoint(1).begin();
        assertEquals(
                Set.of(100), Set.copyOf(Sets.count(of(Algorithm.LEAST_REQUESTS), 300).values()));
    }

    @Test
    void least_requests_of_many_keeps_the_busiest_near_the_mean() {
        sets.ready(100);
        Selection selection = of(Algorithm.LEAST_REQUESTS);
        for (int i = 0; i < 5000; i++) { // none of them ends
            selection.pick(new Tried()).begin();
        }
        int busiest =
                sets.backend.endpoints().stream().mapToInt(Endpoint::inFlight).max().orElse(0);
        assertTrue(busiest <= 55, "mean 50, busiest " + busiest);
    }

    @Test
    void ewma_moves_away_from_a_slow_endpoint_and_comes_back_when_that_is_old() {
        sets.ready(3);
        answer(0, 500);
        answer(1, 5);
        answer(2, 5);
        Selection selection = of(Algorithm.EWMA);
        assertEquals(null, Sets.count(selection, 300).get(sets.endpoint(0)));
        sets.pass(200);
        answer(1, 5);
        answer(2, 5);
        assertTrue(Sets.count(selection, 300).get(sets.endpoint(0)) > 50);
    }

    @Test
    void ewma_does_not_take_a_refused_connection_for_a_fast_answer() {
        sets.ready(2);
        answer(0, 50);
        sets.endpoint(1).begin();
        sets.endpoint(1).end(Endpoint.Result.CONNECT_FAILED, 10_000);
        assertEquals(Map.of(sets.endpoint(0), 50), Sets.count(of(Algorithm.EWMA), 50));
    }

    @Test
    void ewma_gives_a_new_endpoint_the_average_and_no_flood() {
        sets.ready(2);
        answer(0, 10);
        answer(1, 30);
        sets.apply(READY, READY, READY);
        assertEquals(20_000, sets.endpoint(2).health().expectedMicros(), 1);
    }

    @Test
    void ewma_shares_the_load_of_one_that_is_out_among_all_others() {
        sets.ready(5);
        sets.fail(sets.endpoint(1), 5);
        Map<Endpoint, Integer> counts = Sets.count(of(Algorithm.EWMA), 4000);
        for (int i : new int[] {0, 2, 3, 4}) {
            assertEquals(1000, counts.get(sets.endpoint(i)), 150);
        }
    }

    @Test
    void an_expectation_fades_only_while_nothing_is_under_way() {
        sets.ready(2);
        answer(0, 50);
        sets.endpoint(0).begin();
        sets.pass(60);
        answer(1, 20); // 20 ms are less than 50 ms for two
        assertEquals(Map.of(sets.endpoint(1), 50), Sets.count(of(Algorithm.EWMA), 50));
        sets.endpoint(0).end(Endpoint.Result.ABANDONED, 0);
        assertEquals(Map.of(sets.endpoint(0), 50), Sets.count(of(Algorithm.EWMA), 50));
    }

    @Test
    void ewma_gives_one_that_never_answered_a_single_request() {
        sets.ready(2);
        answer(0, 50);
        Selection ewma = of(Algorithm.EWMA);
        assertSame(sets.endpoint(1), ewma.pick(new Tried()));
        sets.endpoint(1).begin();
        assertEquals(Map.of(sets.endpoint(0), 50), Sets.count(ewma, 50));
    }

    @Test
    void who_gave_up_waiting_says_how_long_it_took_at_least() {
        sets.ready(1);
        answer(0, 50);
        sets.endpoint(0).begin();
        sets.endpoint(0).end(Endpoint.Result.ABANDONED, 30_000_000);
        assertEquals(50_000, sets.endpoint(0).health().expectedMicros(), 1);
        sets.endpoint(0).begin();
        sets.endpoint(0).end(Endpoint.Result.ABANDONED, 3_000_000_000L);
        assertEquals(3_000_000, sets.endpoint(0).health().expectedMicros(), 1);
    }

    @Test
    void slow_start_rises_from_a_tenth_of_a_share_to_all_of_it() {
        sets.ready(3);
        Selection ramped =
                Balancing.of(
                        new LoadBalance(Algorithm.ROUND_ROBIN, Optional.of(Duration.ofSeconds(10))),
                        sets.backend,
                        sets.chance);
        assertEquals(Set.of(100), Set.copyOf(Sets.count(ramped, 300).values()), "all are new");
        sets.ready(4);
        Endpoint newcomer = sets.endpoint(3);
        // A share s of its turns: s of 3 + s.
        assertEquals(10_000 * 0.1 / 3.1, Sets.count(ramped, 10_000).get(newcomer), 60);
        sets.pass(5);
        assertEquals(10_000 * 0.5 / 3.5, Sets.count(ramped, 10_000).get(newcomer), 120);
        sets.pass(5);
        assertEquals(Set.of(100), Set.copyOf(Sets.count(ramped, 400).values()));
    }

    @Test
    void a_newcomer_serves_when_it_is_all_there_is() {
        sets.ready(1);
        sets.apply(null, READY);
        Selection ramped =
                Balancing.of(
                        new LoadBalance(Algorithm.ROUND_ROBIN, Optional.of(Duration.ofSeconds(10))),
                        sets.backend,
                        sets.chance);
        assertEquals(Map.of(sets.endpoint(0), 50), Sets.count(ramped, 50));
    }

    @Test
    void a_faster_answer_counts_by_the_time_that_passed() {
        sets.ready(1);
        answer(0, 100);
        answer(0, 10);
        assertEquals(100_000, sets.endpoint(0).health().expectedMicros(), 1);
        sets.pass(10);
        double kept = Math.exp(-1);
        answer(0, 10);
        assertEquals(
                100_000 * kept + 10_000 * (1 - kept),
                sets.endpoint(0).health().expectedMicros(),
                1);
    }

    @Test
    void one_more_endpoint_moves_its_share_of_the_keys_and_nothing_else() {
        sets.ready(9);
        List<Endpoint> before = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            before.add(hashed("key" + i));
        }
        assertEquals(9, new HashSet<>(before).size());
        sets.ready(10);
        Endpoint joined = sets.endpoint(9);
        int moved = 0;
        for (int i = 0; i < 10_000; i++) {
            Endpoint now = hashed("key" + i);
            if (now != before.get(i)) {
                assertSame(joined, now);
                moved++;
            }
        }
        assertTrue(moved > 850 && moved < 1150, "a tenth is 1000, moved " + moved);
    }

    @Test
    void a_hash_key_moves_on_when_its_endpoint_failed_and_only_then() {
        sets.ready(5);
        Endpoint own = hashed("k");
        assertSame(own, hashed("k"));
        Endpoint next = Balancing.hashed(sets.backend, "k", 0, sets.chance).pick(Sets.tried(own));
        assertTrue(next != own);
        sets.fail(own, 5);
        assertSame(next, hashed("k"));
    }

    @Test
    void a_subset_is_the_same_for_a_key_and_all_of_it_is_used() {
        sets.ready(10);
        Set<Endpoint> used = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            used.add(Balancing.hashed(sets.backend, "k", 3, sets.chance).pick(new Tried()));
        }
        assertEquals(3, used.size());
        assertTrue(used.contains(hashed("k")));
    }

    private void answer(int endpoint, long millis) {
        sets.endpoint(endpoint).begin();
        sets.endpoint(endpoint).end(Endpoint.Result.SUCCESS, millis * 1_000_000);
    }
}
