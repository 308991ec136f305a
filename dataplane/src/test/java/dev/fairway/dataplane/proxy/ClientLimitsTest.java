package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.policy.Decision;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attack ledger F1, F2 and F12: clients that are slow, many, or half gone. */
class ClientLimitsTest {
    private static final String HOST = "Host: a.test\r\n";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static Settings settings(long keepAlive, int requests, long head, long body) {
        return Altered.with(
                Settings.DEFAULTS,
                "keepAlive",
                Duration.ofMillis(keepAlive),
                "keepAliveRequests",
                requests,
                "headTimeout",
                Duration.ofMillis(head),
                "bodyTimeout",
                Duration.ofMillis(body));
    }

    static ProxyLimits limits(int connections, int perAddress, long stall, long grace) {
        return Altered.with(
                ProxyLimits.DEFAULTS,
                "entry.connections",
                connections,
                "entry.connectionsPerAddress",
                perAddress,
                "entry.handshake",
                Duration.ofMillis(300),
                "client.writeStall",
                Duration.ofMillis(stall),
                "client.bodyGrace",
                Duration.ofMillis(grace));
    }

    private static ProxyFixture proxy(ProxyLimits limits) throws IOException {
        return new ProxyFixture(
                limits, TransportKind.EPOLL, RawBackend.answering(RawBackend.ok("ok")));
    }

    @Test
    void a_head_that_takes_too_long_is_408_however_steadily_it_comes() throws Exception {
        try (ProxyFixture proxy = proxy(ProxyLimits.DEFAULTS)) {
            proxy.settings = settings(60_000, 100, 400, 60_000);
            try (RawClient client = proxy.client()) {
                client.send("GET / HTTP/1.1\r\n");
                long began = System.nanoTime();
                Thread drip =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        while (true) {
                                            client.send("X: 1\r\n");
                                            Thread.sleep(50);
                                        }
                                    } catch (IOException | InterruptedException e) {
                                        // refused at last
                                    }
                                });
                RawClient.Response response = client.response();
                drip.interrupt();
                assertEquals(408, response.status());
                assertTrue(System.nanoTime() - began < 2_000_000_000L);
            }
            assertEquals(408, proxy.lastFinished(1).status());
            assertEquals(1, proxy.fired(Limit.HEAD_TIME));
        }
    }

    @Test
    void a_connection_without_a_request_is_closed_in_silence() throws Exception {
        try (ProxyFixture proxy = proxy(ProxyLimits.DEFAULTS)) {
            proxy.settings = settings(300, 100, 300, 60_000);
            try (RawClient fresh = proxy.client()) {
                assertTrue(fresh.closed());
            }
            try (RawClient idle = proxy.client()) {
                assertEquals(200, idle.get("/").response().status());
                assertTrue(idle.closed());
            }
            assertEquals(2, proxy.fired(Limit.KEEP_ALIVE_IDLE));
            assertEquals(1, proxy.finished.size());
        }
    }

    @Test
    void a_body_that_stops_or_drips_is_408() throws Exception {
        try (ProxyFixture proxy = proxy(limits(100, 100, 30_000, 400))) {
            proxy.settings = settings(60_000, 100, 10_000, 300);
            try (RawClient client = proxy.client()) {
                client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 10\r\n\r\nabc");
                assertEquals(408, client.response().status());
                assertTrue(client.closed());
            }
            assertEquals(1, proxy.fired(Limit.BODY_IDLE));
            proxy.settings = settings(60_000, 100, 10_000, 10_000);
            try (RawClient client = proxy.client()) {
                client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1000\r\n\r\n");
                Thread drip =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        while (true) {
                                            client.send("x");
                                            Thread.sleep(50);
                                        }
                                    } catch (IOException | InterruptedException e) {
                                        // refused at last
                                    }
                                });
                assertEquals(408, client.response().status());
                drip.interrupt();
            }
            assertEquals(1, proxy.fired(Limit.BODY_RATE));
        }
    }

    /** Ledger B7: the size alone says that the body can't fit; nobody waits for its data. */
    @Test
    void a_chunk_larger_than_the_body_may_be_is_413_by_its_size() throws Exception {
        try (ProxyFixture proxy = proxy(ProxyLimits.DEFAULTS)) {
            proxy.bodyLimit = 1 << 20;
            String post = "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n";
            for (String size : List.of("FFFFFFFF", "80000000", "7fffffff", "100001")) {
                try (RawClient client = proxy.client()) {
                    client.send(post + size + "\r\nx");
                    assertEquals(413, client.response().status(), size);
                }
            }
            try (RawClient client = proxy.client()) {
                client.send(post + "3\r\nabc\r\n");
                Thread.sleep(50);
                client.send("ffffe\r\nx");
                assertEquals(413, client.response().status());
            }
            assertEquals(5, proxy.fired(Limit.BODY_SIZE));
            try (RawClient client = proxy.client()) {
                client.send(post + "3\r\nabc\r\nffffd\r\n" + "x".repeat(0xffffd));
                assertEquals(200, client.send("\r\n0\r\n\r\n").response().status());
            }
        }
    }

    @Test
    void a_client_that_takes_nothing_is_cut() throws Exception {
        RawBackend large =
                new RawBackend(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n");
                    c.out.write(new byte[67108864]);
                });
        try (ProxyFixture proxy =
                        new ProxyFixture(
                                limits(100, 100, 400, 10_000), TransportKind.EPOLL, large);
                RawClient client = RawClient.slow(proxy.address)) {
            client.get("/");
            assertEquals("client-left", proxy.lastFinished(1).reason());
            assertEquals(1, proxy.fired(Limit.WRITE_STALL));
            proxy.eventually("the backend is let go", () -> proxy.server.upstreamActive() == 0);
        }
    }

    /** Honest clients wait for some of a flood of pipelined requests, never for all of it. */
    @Test
    void a_thousand_pipelined_requests_are_answered_in_turns_with_others() throws Exception {
        try (ProxyFixture proxy = proxy(ProxyLimits.DEFAULTS);
                RawClient flood = proxy.client();
                RawClient honest = proxy.client()) {
            CountDownLatch held = new CountDownLatch(1);
            proxy.admit =
                    context -> {
                        awaited(held);
                        return new Decision.Respond(Answer.of(404, "", "first"));
                    };
            String none = "GET / HTTP/1.1\r\nHost: none.test\r\n\r\n";
            flood.send("GET /first HTTP/1.1\r\nHost: a.test\r\n\r\n");
            flood.send(none.repeat(1000));
            honest.send(none.replace("GET / ", "GET /honest "));
            held.countDown();
            flood.response();
            for (int i = 0; i < 1000; i++) {
                assertEquals(404, flood.response().status());
            }
            assertEquals(404, honest.response().status());
            proxy.lastFinished(1002);
            List<String> order =
                    proxy.finished.stream().map(ProxyFixture.Finished::target).toList();
            int at = order.indexOf("/honest");
            assertTrue(at < 500, "answered after " + at);
        }
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_connection_carries_so_many_requests_and_no_more() throws Exception {
        try (ProxyFixture proxy = proxy(ProxyLimits.DEFAULTS);
                RawClient client = proxy.client()) {
            proxy.settings = settings(60_000, 3, 10_000, 10_000);
            assertEquals(null, client.get("/").response().field("Connection"));
            assertEquals(null, client.get("/").response().field("Connection"));
            assertEquals("close", client.get("/").response().field("Connection"));
            assertTrue(client.closed());
            assertEquals(1, proxy.fired(Limit.REQUESTS_PER_CONNECTION));
        }
    }

    @Test
    void a_connection_past_its_lifetime_ends_with_its_next_answer() throws Exception {
        ProxyLimits brief =
                Altered.with(ProxyLimits.DEFAULTS, "entry.lifetime", Duration.ofMillis(300));
        try (ProxyFixture proxy = proxy(brief);
                RawClient client = proxy.client()) {
            assertEquals(null, client.get("/").response().field("Connection"));
            Thread.sleep(350);
            assertEquals("close", client.get("/").response().field("Connection"));
            assertTrue(client.closed());
            assertEquals(1, proxy.fired(Limit.CONNECTION_LIFETIME));
        }
    }

    @Test
    void one_address_has_so_many_connections() throws Exception {
        try (ProxyFixture proxy = proxy(limits(100, 3, 30_000, 10_000))) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                RawClient client = proxy.client();
                assertEquals(200, client.get("/").response().status());
                clients.add(client);
            }
            try (RawClient one = proxy.client()) {
                assertTrue(one.closed());
            }
            assertEquals(1, proxy.fired(Limit.CONNECTIONS_PER_ADDRESS));
            clients.removeLast().close();
            proxy.eventually("one went", () -> proxy.server.clientConnections() == 2);
            assertEquals(200, proxy.get("/").status());
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void at_the_cap_newcomers_wait_until_one_leaves() throws Exception {
        try (ProxyFixture proxy = proxy(limits(2, 100, 30_000, 10_000))) {
            RawClient first = RawClient.from(proxy.address, "127.0.0.2");
            assertEquals(200, first.get("/").response().status());
            RawClient second = RawClient.from(proxy.address, "127.0.0.3");
            assertEquals(200, second.get("/").response().status());
            try (RawClient third = proxy.client()) {
                third.get("/");
                third.socket.setSoTimeout(300);
                assertThrows(java.net.SocketTimeoutException.class, third::response);
                third.socket.setSoTimeout(5000);
                first.close();
                assertEquals(200, third.response().status());
            }
            second.close();
            assertTrue(proxy.fired(Limit.CONNECTIONS) >= 1);
        }
    }

    @Test
    void at_the_cap_whoever_has_most_gives_up_what_it_does_not_use() throws Exception {
        try (ProxyFixture proxy = proxy(limits(4, 100, 30_000, 10_000));
                RawClient oldest = RawClient.from(proxy.address, "127.0.0.3")) {
            proxy.eventually("it is there", () -> proxy.server.clientConnections() == 1);
            List<RawClient> flood = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                RawClient one = RawClient.from(proxy.address, "127.0.0.2");
                flood.add(one);
            }
            proxy.eventually("all are there", () -> proxy.server.clientConnections() == 4);
            try (RawClient newcomer = RawClient.from(proxy.address, "127.0.0.4")) {
                assertEquals(200, newcomer.get("/").response().status());
                assertTrue(proxy.fired(Limit.CONNECTIONS_UNUSED) >= 1);
                assertEquals(200, oldest.get("/").response().status()); // it has its share
            }
            for (RawClient client : flood) {
                client.close();
            }
        }
    }

    @Test
    void a_storm_of_resets_and_half_closes_leaves_nothing_behind() throws Exception {
        try (ProxyFixture proxy = proxy(ProxyLimits.DEFAULTS)) {
            for (int i = 0; i < 200; i++) {
                RawClient client = proxy.client();
                switch (i % 5) {
                    case 0 -> client.socket.shutdownOutput();
                    case 1 -> client.get("/").socket.shutdownOutput();
                    case 2 -> client.send("GET / HT").socket.setSoLinger(true, 0);
                    case 3 -> client.get("/").socket.setSoLinger(true, 0);
                    default ->
                            client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 9\r\n\r\nx")
                                    .socket
                                    .setSoLinger(true, 0);
                }
                client.close();
            }
            proxy.eventually("all went", () -> proxy.server.clientConnections() == 0);
            proxy.eventually("no exchange is left", () -> proxy.server.exchangesInFlight() == 0);
            proxy.eventually(
                    "nor an attempt",
                    () -> proxy.backends.getFirst().fixture.endpoint.inFlight() == 0);
            proxy.eventually("nor an active connection", () -> proxy.server.upstreamActive() == 0);
            assertEquals(200, proxy.get("/").status());
        }
    }
}
