package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Policy.ConnectionLimit;
import dev.fairway.contract.Policy.RateLimit;
import dev.fairway.contract.Policy.RateLimit.Unit;
import dev.fairway.dataplane.message.Answer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private final Plans plans = new Plans();

    private static RateLimit rate(int permits, Unit unit, int burst, int status) {
        return new RateLimit("limiter", permits, unit, burst, List.of(), status);
    }

    private static int ask(RoutePlan plan, String address) {
        return Plans.status(plan.admit(new FakeContext(FakeRequest.get("/").from(address))));
    }

    private int admitted(RoutePlan plan, int requests) {
        int admitted = 0;
        for (int i = 0; i < requests; i++) {
            if (ask(plan, "203.0.113.7") == 200) {
                admitted++;
            }
        }
        return admitted;
    }

    @Test
    void the_burst_and_one_pass_at_once_then_the_rate() {
        RoutePlan plan = plans.plan(rate(5, Unit.SECOND, 25, 503));
        assertEquals(26, admitted(plan, 100));
        plans.pass(1);
        assertEquals(5, admitted(plan, 100));
        plans.pass(0.199);
        assertEquals(0, admitted(plan, 10));
        plans.pass(0.001);
        assertEquals(1, admitted(plan, 10));
        plans.pass(3600);
        assertEquals(26, admitted(plan, 100));
    }

    @Test
    void a_rate_that_does_not_divide_a_second_is_exact_all_the_same() {
        RoutePlan plan = plans.plan(rate(7, Unit.SECOND, 0, 503));
        int admitted = 0;
        for (int i = 0; i < 10_000; i++) {
            admitted += admitted(plan, 1);
            plans.pass(0.001);
        }
        // A request finds the bucket open at the first millisecond after its 1/7 second.
        assertEquals(10_000 / 143 + 1, admitted);
        RoutePlan fine = plans.plan(new RateLimit("fine", 7, Unit.SECOND, 6, List.of(), 503));
        admitted(fine, 7);
        plans.now.addAndGet(142_857_142);
        assertEquals(0, admitted(fine, 1));
        plans.now.addAndGet(1);
        assertEquals(1, admitted(fine, 1));
    }

    @Test
    void a_minute_is_sixty_seconds() {
        RoutePlan plan = plans.plan(rate(6, Unit.MINUTE, 0, 503));
        assertEquals(1, admitted(plan, 5));
        plans.pass(9.999);
        assertEquals(0, admitted(plan, 5));
        plans.pass(0.001);
        assertEquals(1, admitted(plan, 5));
    }

    @Test
    void clients_are_counted_apart_and_exempt_ones_not_at_all() {
        RateLimit limit =
                new RateLimit("l", 1, Unit.SECOND, 0, List.of(Cidr.parse("198.51.100.0/24")), 503);
        RoutePlan plan = plans.plan(limit);
        assertEquals(200, ask(plan, "203.0.113.1"));
        assertEquals(503, ask(plan, "203.0.113.1"));
        assertEquals(200, ask(plan, "203.0.113.2"));
        for (int i = 0; i < 5; i++) {
            assertEquals(200, ask(plan, "198.51.100.9"));
        }
    }

    @Test
    void an_ipv6_client_is_its_64_bit_network() {
        RoutePlan plan = plans.plan(rate(1, Unit.SECOND, 0, 503));
        assertEquals(200, ask(plan, "2001:db8:1:1::1"));
        assertEquals(503, ask(plan, "2001:db8:1:1:ffff::2"));
        assertEquals(200, ask(plan, "2001:db8:1:2::1"));
    }

    @Test
    void a_refusal_with_429_says_when_to_come_back() {
        RoutePlan plan = plans.plan(rate(2, Unit.MINUTE, 0, 429));
        ask(plan, "203.0.113.7");
        Answer answer = Plans.answer(plan.admit(new FakeContext(FakeRequest.get("/"))));
        assertEquals(429, answer.status());
        assertEquals("30", Plans.header(answer, "Retry-After"));
        RoutePlan compatible = plans.plan(rate(2, Unit.MINUTE, 0, 503));
        assertNull(
                Plans.header(
                        Plans.answer(compatible.admit(new FakeContext(FakeRequest.get("/")))),
                        "Retry-After"));
    }

    @Test
    void the_count_outlives_a_generation() {
        RateLimit limit = rate(1, Unit.SECOND, 1, 503);
        assertEquals(2, admitted(plans.plan(limit), 5));
        assertEquals(0, admitted(plans.plan(limit), 5));
    }

    @Test
    void a_request_that_one_limit_refuses_is_charged_to_none() {
        RoutePlan plan = plans.plan(rate(10, Unit.MINUTE, 9, 503), rate(1, Unit.SECOND, 0, 503));
        assertEquals(1, admitted(plan, 30));
        for (int i = 0; i < 9; i++) {
            plans.pass(1);
            assertEquals(1, admitted(plan, 30), "second " + i);
        }
    }

    @Test
    void a_flood_of_addresses_neither_grows_the_table_nor_frees_an_offender() {
        AtomicLong now = new AtomicLong(1);
        LimiterRegistry registry = new LimiterRegistry(now::get, 64);
        byte[] address = new byte[16];
        ClientKey offender = ClientKey.of("l", address);
        for (int i = 0; i < 100; i++) {
            registry.bucket(offender).admit(now.get(), 1, 1_000_000_000L, 99);
        }
        for (int i = 0; i < 10_000; i++) {
            address[6] = (byte) (1 + (i >> 8));
            address[7] = (byte) i;
            now.addAndGet(100_000);
            registry.bucket(ClientKey.of("l", address)).admit(now.get(), 1, 1_000_000_000L, 99);
        }
        assertEquals(64, registry.size());
        assertTrue(registry.evicted() > 9000);
        assertTrue(registry.bucket(offender).nanosUntilEmpty(now.get()) > 90_000_000_000L);
    }

    @Test
    void empty_buckets_give_way_without_being_counted() {
        AtomicLong now = new AtomicLong(1);
        LimiterRegistry registry = new LimiterRegistry(now::get, 8);
        for (int i = 0; i < 100; i++) {
            ClientKey key = ClientKey.of("l", new byte[] {1, 2, 3, (byte) i});
            registry.bucket(key).admit(now.get(), 1, 1_000_000_000L, 0);
            now.addAndGet(1_000_000_000L);
        }
        assertEquals(8, registry.size());
        assertEquals(0, registry.evicted());
    }

    @Test
    void the_widest_burst_does_not_overflow() {
        RoutePlan plan = plans.plan(rate(1, Unit.MINUTE, Integer.MAX_VALUE, 503));
        assertEquals(1000, admitted(plan, 1000));
    }

    @Test
    void connections_are_counted_while_they_last_and_given_back_however_they_end() {
        RoutePlan plan = plans.plan(new ConnectionLimit("c", 2, List.of(), 503));
        FakeContext first = new FakeContext(FakeRequest.get("/"));
        FakeContext second = new FakeContext(FakeRequest.get("/"));
        FakeContext third = new FakeContext(FakeRequest.get("/"));
        assertEquals(200, Plans.status(plan.admit(first)));
        assertEquals(200, Plans.status(plan.admit(second)));
        assertEquals(503, Plans.status(plan.admit(third)));
        third.finish(); // took nothing, gives nothing
        assertEquals(503, Plans.status(plan.admit(new FakeContext(FakeRequest.get("/")))));
        first.finish();
        assertEquals(200, Plans.status(plan.admit(new FakeContext(FakeRequest.get("/")))));
        assertEquals(
                200,
                Plans.status(
                        plan.admit(new FakeContext(FakeRequest.get("/").from("203.0.113.8")))));
    }
}
