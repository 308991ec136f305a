package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.balance.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens when an attempt comes to nothing (kubernetes.md 5.3 rule 4). */
class RetryTest {
    private static final String POST =
            "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static RawBackend refusing() throws Exception {
        RawBackend backend = RawBackend.answering("");
        backend.close();
        return backend;
    }

    private static RawBackend resetting() throws Exception {
        return new RawBackend(c -> {
            c.readHead();
            c.reset();
        });
    }

    @Test
    void a_refused_connection_is_retried_elsewhere_whatever_the_method() throws Exception {
        RawBackend bad = refusing();
        try (ProxyFixture proxy =
                new ProxyFixture(bad, RawBackend.answering(RawBackend.ok("ok")))) {
            assertEquals("ok", proxy.get("/").body());
            assertEquals("ok", proxy.ask(POST).body());
            assertEquals(2, proxy.lastFinished(1).attempts());
            assertEquals(
                    List.of(Endpoint.Result.CONNECT_FAILED, Endpoint.Result.CONNECT_FAILED),
                    bad.fixture.results);
            assertEquals(0, bad.fixture.endpoint.inFlight());
        }
    }

    @Test
    void a_reset_after_the_request_was_sent_is_retried_for_idempotent_methods_only()
            throws Exception {
        RawBackend bad = resetting();
        try (ProxyFixture proxy =
                new ProxyFixture(bad, RawBackend.answering(RawBackend.ok("ok")))) {
            assertEquals("ok", proxy.get("/").body());
            assertEquals(502, proxy.ask(POST).status());
            assertEquals("upstream-unreachable", proxy.lastFinished(2).reason());
            assertEquals(
                    List.of(Endpoint.Result.BROKEN, Endpoint.Result.BROKEN), bad.fixture.results);
        }
    }

    @Test
    void a_kept_body_is_sent_again_in_full() throws Exception {
        RawBackend bad =
                new RawBackend(c -> {
                    c.readRequest();
                    c.reset();
                });
        RawBackend good =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        c.send(RawBackend.ok(Wire.body(head, c.in, false)));
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(bad, good)) {
            String small = "x".repeat(50_000);
            assertEquals(
                    small,
                    proxy.ask(
                                    "PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 50000\r\n\r\n"
                                            + small)
                            .body());
            String large = "x".repeat(70_000);
            assertEquals(
                    502,
                    proxy.ask(
                                    "PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 70000\r\n\r\n"
                                            + large)
                            .status());
        }
    }

    @Test
    void everything_failing_is_502_and_a_timeout_504() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(refusing(), refusing())) {
            assertEquals(502, proxy.get("/").status());
            assertEquals(2, proxy.lastFinished(1).attempts());
        }
        RawBackend silent =
                new RawBackend(c -> c.in.transferTo(java.io.OutputStream.nullOutputStream()));
        try (ProxyFixture proxy = new ProxyFixture(silent)) {
            proxy.timeouts =
                    new Timeouts(
                            Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofSeconds(1));
            assertEquals(504, proxy.get("/").status());
            assertEquals("upstream-timeout", proxy.lastFinished(1).reason());
            assertEquals(List.of(Endpoint.Result.TIMED_OUT), silent.fixture.results);
            assertEquals(1, proxy.fired(Limit.UPSTREAM_READ_IDLE));
        }
    }

    @Test
    void a_read_timeout_in_the_middle_cuts_the_response() throws Exception {
        RawBackend stalling =
                new RawBackend(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                    c.readHead();
                });
        try (ProxyFixture proxy = new ProxyFixture(stalling);
                RawClient client = proxy.client()) {
            proxy.timeouts =
                    new Timeouts(
                            Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofSeconds(1));
            client.get("/");
            org.junit.jupiter.api.Assertions.assertThrows(
                    java.io.IOException.class, client::response);
            assertEquals(List.of(Endpoint.Result.TIMED_OUT), stalling.fixture.results);
        }
    }

    @Test
    void a_backend_that_takes_nothing_is_504_after_the_send_timeout() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        RawBackend deaf =
                new RawBackend(c -> {
                    c.readHead();
                    try {
                        over.await(10, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(deaf);
                RawClient client = proxy.client()) {
            proxy.timeouts =
                    new Timeouts(
                            Duration.ofSeconds(1), Duration.ofSeconds(9), Duration.ofMillis(300));
            client.send("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 67108864\r\n\r\n");
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            client.out.write(new byte[67108864]);
                        } catch (java.io.IOException e) {
                            // cut off, as it should be
                        }
                    });
            assertEquals(504, client.response().status());
            assertEquals(1, proxy.fired(Limit.UPSTREAM_SEND_IDLE));
            over.countDown();
        }
    }

    @Test
    void a_connection_that_does_not_come_about_is_504_after_the_connect_timeout() throws Exception {
        List<SocketChannel> filling = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort());
            for (int i = 0; i < 8; i++) {
                SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.connect(address);
                filling.add(channel);
            }
            RawBackend unreachable = RawBackend.at(address);
            try (ProxyFixture proxy = new ProxyFixture(unreachable)) {
                proxy.timeouts =
                        new Timeouts(
                                Duration.ofMillis(300),
                                Duration.ofSeconds(9),
                                Duration.ofSeconds(9));
                assertEquals(504, proxy.get("/").status());
                assertEquals(1, proxy.fired(Limit.CONNECT_TIME));
                assertEquals(List.of(Endpoint.Result.CONNECT_FAILED), unreachable.fixture.results);
                proxy.eventually("the attempt is let go", () -> proxy.server.upstreamActive() == 0);
            }
        } finally {
            for (SocketChannel channel : filling) {
                channel.close();
            }
        }
    }

    @Test
    void a_pooled_connection_that_died_is_replaced_without_a_trace() throws Exception {
        AtomicInteger served = new AtomicInteger();
        RawBackend closing =
                new RawBackend(c -> {
                    c.readHead();
                    served.incrementAndGet();
                    c.send(RawBackend.ok("ok"));
                    c.readHead(); // the pooled connection's next request is read and not answered
                });
        try (ProxyFixture proxy = new ProxyFixture(closing)) {
            proxy.retryOn = List.of();
            assertEquals("ok", proxy.get("/").body());
            assertEquals("ok", proxy.get("/").body());
            assertEquals(2, closing.connections.get());
            assertEquals(2, served.get());
            assertEquals(
                    502,
                    proxy.ask("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n")
                            .status());
        }
    }

    @Test
    void a_status_is_retried_where_the_route_says_so() throws Exception {
        RawBackend bad = RawBackend.answering("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno");
        try (ProxyFixture proxy =
                new ProxyFixture(bad, RawBackend.answering(RawBackend.ok("ok")))) {
            assertEquals(503, proxy.get("/").status());
            proxy.retryOn = List.of(Retry.On.HTTP_503);
            assertEquals("ok", proxy.get("/").body());
            assertEquals(2, proxy.lastFinished(2).attempts());
            proxy.backends.removeLast().close();
            assertEquals(503, proxy.get("/").status());
            assertTrue(
                    bad.fixture.results.stream()
                            .allMatch(r -> r == Endpoint.Result.GATEWAY_STATUS));
            assertEquals(1, bad.connections.get());
        }
    }

    @Test
    void the_budget_is_three_and_a_fifth_of_what_is_under_way() {
        ProxyLimits.Upstream limits = ProxyLimits.Upstream.DEFAULTS;
        assertEquals(3, limits.retriesOf(0));
        assertEquals(3, limits.retriesOf(4));
        assertEquals(4, limits.retriesOf(5));
        assertEquals(203, limits.retriesOf(1000));
    }

    @Test
    void retries_have_a_budget() throws Exception {
        ProxyLimits none =
                Altered.with(
                        ProxyLimits.DEFAULTS, "upstream.retryFloor", 0, "upstream.retryShare", 0);
        try (ProxyFixture proxy =
                new ProxyFixture(
                        none,
                        TransportKind.EPOLL,
                        resetting(),
                        RawBackend.answering(RawBackend.ok("ok")))) {
            assertEquals(502, proxy.get("/").status());
            assertEquals(1, proxy.fired(Limit.RETRY_BUDGET));
        }
    }

    @Test
    void idle_connections_go_when_old_or_when_their_endpoint_does() throws Exception {
        ProxyLimits brief =
                Altered.with(ProxyLimits.DEFAULTS, "upstream.idle", Duration.ofMillis(300));
        RawBackend backend = RawBackend.answering(RawBackend.ok("ok"));
        try (ProxyFixture proxy = new ProxyFixture(brief, TransportKind.EPOLL, backend)) {
            proxy.get("/");
            proxy.eventually("one is kept", () -> proxy.server.upstreamIdle() == 1);
            proxy.eventually("it is old", () -> proxy.server.upstreamIdle() == 0);
        }
        RawBackend leaving = RawBackend.answering(RawBackend.ok("ok"));
        try (ProxyFixture proxy = new ProxyFixture(leaving)) {
            proxy.get("/");
            proxy.eventually("one is kept", () -> proxy.server.upstreamIdle() == 1);
            leaving.fixture.state(Endpoint.State.DRAINING);
            proxy.eventually("its endpoint leaves", () -> proxy.server.upstreamIdle() == 0);
            proxy.get("/");
            proxy.eventually(
                    "an active one ends with its response",
                    () -> proxy.server.upstreamActive() == 0);
            assertEquals(0, proxy.server.upstreamIdle());
        }
    }
}
