package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.balance.Endpoint;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that drops what is sent to it (kubernetes.md 5.2, node loss): another is dialled besides. */
class HedgeTest {
    private static final Duration LONG = Duration.ofSeconds(9);

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static Timeouts connect(Duration timeout) {
        return new Timeouts(timeout, LONG, LONG);
    }

    private static RawBackend good() throws Exception {
        return RawBackend.answering(RawBackend.ok("ok"));
    }

    @Test
    void a_lost_node_costs_a_quarter_second_whatever_the_method_and_is_told_of() throws Exception {
        try (SilentPort silent = new SilentPort()) {
            RawBackend lost = silent.backend();
            try (ProxyFixture proxy = new ProxyFixture(lost, good())) {
                proxy.timeouts = connect(Duration.ofSeconds(1));
                long began = System.nanoTime();
                assertEquals(
                        "ok",
                        proxy.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
                                .body());
                long millis = (System.nanoTime() - began) / 1_000_000;
                assertTrue(millis >= 200 && millis < 800, millis + " ms");
                assertEquals(1, proxy.fired(Limit.CONNECT_HEDGE));
                assertEquals(List.of(0, 200), proxy.lastFinished(1).attemptStatuses());
                // The first dial went on: passive health learns that nobody is there.
                proxy.eventually(
                        "its endpoint is known to be lost",
                        () ->
                                lost.fixture.results.equals(
                                        List.of(
                                                Endpoint.Result.ABANDONED,
                                                Endpoint.Result.CONNECT_FAILED)));
                assertEquals(0, lost.fixture.endpoint.inFlight());
                proxy.eventually("nothing is held", () -> proxy.server.upstreamActive() == 0);
            }
        }
    }

    @Test
    void a_connection_that_comes_late_waits_in_the_pool() throws Exception {
        try (SilentPort silent = new SilentPort()) {
            RawBackend slow = silent.backend();
            try (ProxyFixture proxy = new ProxyFixture(slow, good())) {
                proxy.timeouts = connect(LONG);
                assertEquals("ok", proxy.get("/").body());
                assertEquals(1, proxy.server.upstreamActive());
                silent.open();
                proxy.eventually("both are pooled", () -> proxy.server.upstreamIdle() == 2);
                assertEquals(0, proxy.server.upstreamActive());
                assertEquals(0, slow.fixture.endpoint.inFlight());
                assertEquals(
                        List.of(Endpoint.Result.ABANDONED, Endpoint.Result.ABANDONED),
                        slow.fixture.results);
            }
        }
    }

    @Test
    void the_first_still_serves_when_the_second_is_slower() throws Exception {
        try (SilentPort first = new SilentPort();
                SilentPort second = new SilentPort()) {
            RawBackend other = second.backend();
            try (ProxyFixture proxy = new ProxyFixture(first.backend(), other)) {
                proxy.timeouts = connect(Duration.ofSeconds(2));
                try (RawClient client = proxy.client()) {
                    client.get("/");
                    proxy.eventually("a hedge", () -> proxy.fired(Limit.CONNECT_HEDGE) == 1);
                    first.open();
                    proxy.eventually(
                            "the second is let go",
                            () -> other.fixture.results.equals(List.of(Endpoint.Result.ABANDONED)));
                }
            }
        }
    }

    @Test
    void when_nobody_can_be_reached_both_are_waited_for_and_the_answer_is_504() throws Exception {
        try (SilentPort one = new SilentPort();
                SilentPort two = new SilentPort()) {
            RawBackend first = one.backend();
            RawBackend second = two.backend();
            try (ProxyFixture proxy = new ProxyFixture(first, second)) {
                proxy.timeouts = connect(Duration.ofMillis(500));
                assertEquals(504, proxy.get("/").status());
                assertEquals(List.of(Endpoint.Result.CONNECT_FAILED), first.fixture.results);
                assertEquals(List.of(Endpoint.Result.CONNECT_FAILED), second.fixture.results);
                assertEquals(List.of(504, 504), proxy.lastFinished(1).attemptStatuses());
                proxy.eventually("nothing is held", () -> proxy.server.upstreamActive() == 0);
            }
        }
    }

    @Test
    void a_client_that_leaves_takes_both_dials_along() throws Exception {
        try (SilentPort one = new SilentPort();
                SilentPort two = new SilentPort()) {
            RawBackend second = two.backend();
            try (ProxyFixture proxy = new ProxyFixture(one.backend(), second)) {
                proxy.timeouts = connect(LONG);
                try (RawClient client = proxy.client()) {
                    client.get("/");
                    proxy.eventually("a hedge", () -> proxy.server.upstreamActive() == 2);
                }
                proxy.eventually("nothing is held", () -> proxy.server.upstreamActive() == 0);
                assertEquals(0, second.fixture.endpoint.inFlight());
            }
        }
    }

    @Test
    void a_route_that_tries_no_other_endpoint_hedges_none() throws Exception {
        try (SilentPort silent = new SilentPort()) {
            try (ProxyFixture proxy = new ProxyFixture(silent.backend(), good())) {
                proxy.retryOn = List.of();
                proxy.timeouts = connect(Duration.ofMillis(500));
                assertEquals(504, proxy.get("/").status());
                assertEquals(0, proxy.fired(Limit.CONNECT_HEDGE));
            }
        }
    }

    @Test
    void hedges_have_a_budget() throws Exception {
        ProxyLimits none =
                Altered.with(
                        ProxyLimits.DEFAULTS, "upstream.retryFloor", 0, "upstream.retryShare", 0);
        try (SilentPort silent = new SilentPort()) {
            try (ProxyFixture proxy =
                    new ProxyFixture(none, TransportKind.EPOLL, silent.backend(), good())) {
                proxy.timeouts = connect(Duration.ofMillis(600));
                // Not sent yet, so that a retry costs the budget nothing: it comes after the
                // timeout.
                long began = System.nanoTime();
                assertEquals("ok", proxy.get("/").body());
                assertTrue(System.nanoTime() - began > 500_000_000L);
                assertEquals(1, proxy.fired(Limit.RETRY_BUDGET));
                assertEquals(0, proxy.fired(Limit.CONNECT_HEDGE));
            }
        }
    }
}
