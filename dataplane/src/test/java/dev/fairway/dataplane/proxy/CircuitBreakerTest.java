package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.balance.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An endpoint has so many requests of ours at once and no more (kubernetes.md section 7). */
class CircuitBreakerTest {
    private static final ProxyLimits TWO =
            Altered.with(
                    ProxyLimits.DEFAULTS,
                    "upstream.requestsPerEndpoint",
                    2,
                    "upstream.stalledPerEndpoint",
                    1);

    private final CountDownLatch go = new CountDownLatch(1);

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private RawBackend holding() throws Exception {
        return new RawBackend(c -> {
            while (c.readRequest() != null) {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    return;
                }
                c.send(RawBackend.ok("held"));
            }
        });
    }

    private static List<RawClient> busy(ProxyFixture proxy, int requests) throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            RawClient client = proxy.client();
            client.get("/");
            clients.add(client);
            int under = i + 1;
            proxy.eventually("it is under way", () -> proxy.server.exchangesInFlight() == under);
        }
        return clients;
    }

    @Test
    void who_has_as_many_as_it_may_is_passed_over_and_with_nobody_left_it_is_503_at_once()
            throws Exception {
        RawBackend first = holding();
        RawBackend second = holding();
        try (ProxyFixture proxy = new ProxyFixture(TWO, TransportKind.EPOLL, first, second)) {
            List<RawClient> clients = busy(proxy, 4);
            proxy.eventually("two each", () -> second.heads.size() == 2);
            assertEquals(2, first.heads.size());

            RawClient.Response refused = proxy.get("/");
            assertEquals(503, refused.status());
            assertEquals("1", refused.field("retry-after"));
            assertEquals("circuit-open", proxy.lastFinished(1).reason());
            assertEquals(0, proxy.lastFinished(1).attempts());
            assertEquals(1, proxy.fired(Limit.CIRCUIT_BREAKER));

            go.countDown();
            for (RawClient client : clients) {
                assertEquals("held", client.response().body());
                client.close();
            }
            assertEquals("held", proxy.get("/").body());
            assertEquals(1, proxy.fired(Limit.CIRCUIT_BREAKER));
            // It says nothing about the endpoints' health.
            assertEquals(List.of(Endpoint.Result.SUCCESS), first.fixture.results.subList(2, 3));
        }
    }

    private static RawClient from(ProxyFixture proxy, String address) throws Exception {
        return RawClient.from(proxy.address, address);
    }

    private static final String POST =
            "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nab";

    /** Attack ledger F1: an address with fewer uploads than another gets a place of it. */
    @Test
    void who_uploads_slowly_from_one_address_gives_way_to_another_address() throws Exception {
        try (ProxyFixture proxy =
                        new ProxyFixture(
                                TWO,
                                TransportKind.EPOLL,
                                RawBackend.answering(RawBackend.ok("ok")));
                RawClient one = from(proxy, "127.0.0.2");
                RawClient two = from(proxy, "127.0.0.2");
                RawClient honest = from(proxy, "127.0.0.3")) {
            Endpoint endpoint = proxy.backends.getFirst().fixture.endpoint;
            one.send(POST);
            proxy.eventually("it is under way", () -> endpoint.uploads() == 1);
            two.send(POST);
            proxy.eventually("both are under way", () -> endpoint.uploads() == 2);
            assertEquals(503, from(proxy, "127.0.0.2").send(POST).response().status());
            honest.send(POST);
            assertEquals(408, one.response().status());
            assertEquals(1, proxy.fired(Limit.UPLOAD_PLACES));
            assertEquals(200, honest.send("c").response().status());
            assertEquals(200, two.send("c").response().status());
            proxy.eventually("all ended", () -> endpoint.inFlight() == 0);
            assertEquals(0, endpoint.uploads());
        }
    }

    @Test
    void an_upload_slower_than_any_may_be_gives_way_to_its_own_address_too() throws Exception {
        try (ProxyFixture proxy =
                        new ProxyFixture(
                                TWO,
                                TransportKind.EPOLL,
                                RawBackend.answering(RawBackend.ok("ok")));
                RawClient one = proxy.client();
                RawClient two = proxy.client()) {
            Endpoint endpoint = proxy.backends.getFirst().fixture.endpoint;
            one.send(POST);
            two.send(POST);
            proxy.eventually("both are under way", () -> endpoint.uploads() == 2);
            Thread.sleep(1_200);
            assertEquals(200, proxy.ask(POST + "c").status());
            assertEquals(1, proxy.fired(Limit.UPLOAD_PLACES));
        }
    }

    /** Attack ledger C9 and F1: two places, one more for who takes nothing, and those give way. */
    @Test
    void responses_that_are_not_taken_have_places_of_their_own_and_give_way() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    for (String head = c.readHead(); head != null; head = c.readHead()) {
                        if (head.contains("/large")) {
                            c.send("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n");
                            c.out.write(new byte[67_108_864]);
                        } else {
                            c.send(RawBackend.ok("ok"));
                        }
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(TWO, TransportKind.EPOLL, backend)) {
            Endpoint endpoint = backend.fixture.endpoint;
            List<RawClient> slow = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                RawClient client = RawClient.slow(proxy.address);
                client.get("/large");
                slow.add(client);
                int so = i;
                proxy.eventually("it takes nothing", () -> endpoint.stalled() == so);
            }
            assertEquals(2, endpoint.load(1));
            assertEquals(503, proxy.get("/").status()); // all of one address, and none for long
            Thread.sleep(1_100);
            assertEquals(200, proxy.get("/").status());
            assertEquals(1, proxy.fired(Limit.STALLED_PLACES));
            proxy.eventually("one was ended", () -> endpoint.inFlight() == 2);
            assertEquals(2, endpoint.stalled());
            assertEquals("slowest-client", proxy.lastFinished(2).reason());
            for (RawClient client : slow) {
                client.close();
            }
            proxy.eventually("all ended", () -> endpoint.inFlight() == 0);
            assertEquals(0, endpoint.stalled());
            assertEquals(0, endpoint.load(0));
        }
    }

    /** Attack ledger F1: slow bodies keep each other out, and nobody else. */
    @Test
    void requests_whose_bodies_are_on_their_way_are_counted_apart() throws Exception {
        try (ProxyFixture proxy =
                new ProxyFixture(
                        TWO, TransportKind.EPOLL, RawBackend.answering(RawBackend.ok("ok")))) {
            String slow = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nab";
            Endpoint endpoint = proxy.backends.getFirst().fixture.endpoint;
            try (RawClient one = proxy.client();
                    RawClient two = proxy.client()) {
                one.send(slow);
                two.send(slow);
                proxy.eventually("both are under way", () -> endpoint.uploads() == 2);
                assertEquals(503, proxy.ask(slow).status());
                assertEquals(200, proxy.get("/").status());
                assertEquals(200, one.send("c").response().status());
                proxy.eventually("one is whole", () -> endpoint.uploads() == 1);
                assertEquals(200, proxy.ask(slow + "c").status());
            }
            proxy.eventually("the other left", () -> endpoint.inFlight() == 0);
            assertEquals(0, endpoint.uploads());
            assertEquals(0, endpoint.load(0));
        }
    }

    @Test
    void tunnels_are_not_counted() throws Exception {
        RawBackend switching =
                new RawBackend(c -> {
                    while (c.readHead() instanceof String head) {
                        if (head.contains("Upgrade")) {
                            c.send(
                                    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n"
                                            + "Upgrade: websocket\r\n\r\n");
                        } else {
                            c.send(RawBackend.ok("ok"));
                        }
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(TWO, TransportKind.EPOLL, switching)) {
            List<RawClient> tunnels = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                RawClient client = proxy.client();
                client.send(
                        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
                assertEquals(101, client.response().status());
                tunnels.add(client);
            }
            assertEquals(5, switching.fixture.endpoint.inFlight());
            assertEquals(0, switching.fixture.endpoint.load(0));
            assertEquals("ok", proxy.get("/").body());
            for (RawClient client : tunnels) {
                client.close();
            }
            proxy.eventually("all ended", () -> switching.fixture.endpoint.inFlight() == 0);
            assertEquals(0, switching.fixture.endpoint.load(0));
        }
    }
}
