package dev.fairway.dataplane.proxy;

import static dev.fairway.contract.Endpoints.Condition.DRAINING;
import static dev.fairway.contract.Endpoints.Condition.READY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Endpoints.Condition;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Policy.Affinity;
import dev.fairway.dataplane.balance.StickySessions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that come, drain, fail and leave, on the wire: kubernetes.md 5.3 rules 1 to 4. */
class RollingBackendTest {
    private final LiveBackend live = new LiveBackend();

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private ProxyFixture proxy(RawBackend... backends) throws IOException {
        ProxyFixture proxy = new ProxyFixture(backends);
        proxy.select = context -> live.plain;
        return proxy;
    }

    private static RawBackend named(String name) throws IOException {
        return RawBackend.answering(RawBackend.ok(name));
    }

    private static Set<String> met(ProxyFixture proxy, int requests) throws IOException {
        Set<String> bodies = new HashSet<>();
        for (int i = 0; i < requests; i++) {
            bodies.add(proxy.get("/").body());
        }
        return bodies;
    }

    @Test
    void ready_endpoints_serve_else_draining_ones_else_it_is_503() throws Exception {
        RawBackend ready = named("ready");
        RawBackend draining = named("draining");
        try (ProxyFixture proxy = proxy(ready, draining)) {
            live.with(draining, DRAINING).with(ready, READY).publish();
            assertEquals(Set.of("ready"), met(proxy, 10));
            live.with(draining, DRAINING).publish();
            assertEquals(Set.of("draining"), met(proxy, 10));
            live.publish();
            RawClient.Response none = proxy.get("/");
            assertEquals(503, none.status());
            assertEquals("1", none.field("Retry-After"));
        }
    }

    /** Null: it left the set. */
    @ParameterizedTest
    @NullSource
    @EnumSource(value = Condition.class, names = "DRAINING")
    void what_is_under_way_at_one_that_leaves_ends_whole_and_its_connections_close(Condition then)
            throws Exception {
        CountDownLatch rest = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(2);
        RawBackend leaving =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        if (head.contains("/slow")) {
                            c.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nle");
                            await(rest);
                            c.send("ft");
                        } else {
                            c.send(RawBackend.ok("left"));
                        }
                    }
                    ended.countDown();
                });
        RawBackend staying = named("stays");
        try (ProxyFixture proxy = proxy(leaving, staying);
                RawClient slow = proxy.client()) {
            live.with(leaving, READY).publish();
            slow.get("/slow");
            proxy.eventually("it is under way", () -> proxy.server.upstreamActive() == 1);
            assertEquals("left", proxy.get("/").body());
            proxy.eventually("one is kept", () -> proxy.server.upstreamIdle() == 1);

            if (then != null) {
                live.with(leaving, then);
            }
            live.with(staying, READY).publish();
            assertEquals(Set.of("stays"), met(proxy, 10));
            proxy.eventually("the unused one is closed", () -> ended.getCount() == 1);
            rest.countDown();
            assertEquals("left", slow.response().body());
            assertTrue(ended.await(5, TimeUnit.SECONDS), "so is the other after its response");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_session_stays_with_a_draining_endpoint_only_where_its_route_says_so(boolean stays)
            throws Exception {
        RawBackend one = named("one");
        RawBackend two = named("two");
        StickySessions sessions = sessions(stays);
        try (ProxyFixture proxy = new ProxyFixture(one, two)) {
            proxy.select = context -> sessions.select(context.request());
            live.with(one, READY).publish();
            RawClient.Response first = proxy.get("/");
            String cookie = first.field("Set-Cookie").split(";")[0];

            live.with(one, DRAINING).with(two, READY).publish();
            RawClient.Response next = asking(proxy, cookie);
            assertEquals(stays ? "one" : "two", next.body());
            assertEquals(stays, next.field("Set-Cookie") == null);
            assertEquals("two", proxy.get("/").body(), "newcomers go elsewhere in any case");
            if (!stays) {
                String moved = next.field("Set-Cookie").split(";")[0];
                assertNotEquals(cookie, moved);
                assertNull(asking(proxy, moved).field("Set-Cookie"));
            }
        }
    }

    private static RawClient.Response asking(ProxyFixture proxy, String cookie) throws IOException {
        return proxy.ask("GET / HTTP/1.1\r\nHost: a.test\r\nCookie: " + cookie + "\r\n\r\n");
    }

    private StickySessions sessions(boolean keepDraining) {
        return new StickySessions(
                new Affinity(
                        "affinity",
                        Affinity.Mode.PERSISTENT,
                        new Affinity.Cookie(
                                "route",
                                "/",
                                Optional.empty(),
                                Optional.empty(),
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        new KeyId("seed/x"),
                        false,
                        true,
                        keepDraining),
                "seed".getBytes(StandardCharsets.US_ASCII),
                live.backend,
                live.plain,
                new Random(42)::nextInt,
                System::currentTimeMillis);
    }

    @Test
    void a_pooled_connection_that_ended_costs_no_request_whatever_its_method() throws Exception {
        RawBackend closing =
                new RawBackend(c -> {
                    c.readRequest();
                    c.send(RawBackend.ok("ok")); // says nothing of closing, and closes
                });
        try (ProxyFixture proxy = proxy(closing)) {
            live.with(closing, READY).publish();
            for (int i = 0; i < 20; i++) {
                String post = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\nhi";
                assertEquals("ok", proxy.ask(post).body());
                proxy.eventually("it ended", () -> proxy.server.upstreamIdle() == 0);
            }
        }
    }

    // Outliers.

    @Test
    void an_endpoint_that_answers_502_is_out_for_its_time_and_comes_back() throws Exception {
        AtomicReference<String> answer =
                new AtomicReference<>("HTTP/1.1 502 Bad\r\nContent-Length: 3\r\n\r\nbad");
        RawBackend bad =
                new RawBackend(c -> {
                    while (c.readRequest() != null) {
                        c.send(answer.get());
                    }
                });
        try (ProxyFixture proxy = proxy(bad, named("one"), named("two"))) {
            proxy.backends.forEach(each -> live.with(each, READY));
            live.publish();
            for (int i = 0; bad.heads.size() < 5; i++) {
                assertTrue(i < 30, "round robin comes round");
                proxy.get("/");
            }
            assertEquals(1, live.registry.ejected());
            assertEquals(Set.of("one", "two"), met(proxy, 30));
            assertEquals(5, bad.heads.size());

            live.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(9_999));
            assertEquals(Set.of("one", "two"), met(proxy, 9));
            live.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
            answer.set(RawBackend.ok("good"));
            assertEquals(Set.of("one", "two", "good"), met(proxy, 9));
            assertEquals(1, live.registry.ejected());
        }
    }

    @Test
    void an_endpoint_that_refuses_connections_is_out_and_costs_no_request() throws Exception {
        RawBackend gone = named("good");
        InetSocketAddress address = gone.fixture.endpoint.address();
        gone.close();
        try (ProxyFixture proxy = proxy(gone, named("one"), named("two"))) {
            proxy.backends.forEach(each -> live.with(each, READY));
            live.publish();
            assertEquals(Set.of("one", "two"), met(proxy, 30));
            assertEquals(1, live.registry.ejected());
            int attempts = attempts(proxy);
            assertEquals(Set.of("one", "two"), met(proxy, 30));
            assertEquals(attempts + 30, attempts(proxy), "nobody asks it any more");

            live.nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
            try (ServerSocket back =
                    new ServerSocket(address.getPort(), 8, InetAddress.getLoopbackAddress())) {
                Thread.ofVirtual().start(() -> answerOnce(back));
                proxy.eventually("it is asked again", () -> metQuietly(proxy).contains("back"));
            }
        }
    }

    private static int attempts(ProxyFixture proxy) {
        return proxy.finished.stream().mapToInt(ProxyFixture.Finished::attempts).sum();
    }

    private static void answerOnce(ServerSocket server) {
        try (var socket = server.accept()) {
            Wire.head(socket.getInputStream());
            socket.getOutputStream()
                    .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nback"
                                    .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Set<String> metQuietly(ProxyFixture proxy) {
        try {
            return met(proxy, 3);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
