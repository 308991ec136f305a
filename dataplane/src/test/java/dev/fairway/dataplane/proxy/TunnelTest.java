package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Timeouts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attack ledger B17 and B18. */
class TunnelTest {
    private static final String ASK =
            "GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String SWITCH =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\n";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static RawBackend echoing() throws Exception {
        return new RawBackend(c -> {
            String head = c.readHead();
            c.send(SWITCH + "welcome");
            assertEquals("websocket", Wire.field(head, "Upgrade"));
            c.in.transferTo(c.out);
        });
    }

    @Test
    void bytes_pass_both_ways_after_a_101_and_none_before() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(echoing())) {
            try (RawClient client = proxy.client()) {
                client.send(ASK + "early");
                RawClient.Response response = client.response();
                assertEquals(101, response.status());
                assertEquals("upgrade", response.field("Connection"));
                assertEquals("WebSocket", response.field("Upgrade"));
                assertEquals("welcomeearly", new String(client.in.readNBytes(12)));
                for (int i = 0; i < 10; i++) {
                    client.send("ping" + i);
                    assertEquals("ping" + i, new String(client.in.readNBytes(5)));
                }
                byte[] large = new byte[4 << 20];
                Thread.ofVirtual().start(() -> write(client, large));
                assertEquals(large.length, client.in.readNBytes(large.length).length);
                assertEquals(1, proxy.backends.getFirst().fixture.endpoint.inFlight());
            }
            assertEquals(101, proxy.lastFinished(1).status());
            assertEquals("ok", proxy.lastFinished(1).reason());
            assertEquals(0, proxy.backends.getFirst().fixture.endpoint.inFlight());
            proxy.eventually("nothing is left", () -> proxy.server.upstreamActive() == 0);
        }
    }

    private static void write(RawClient client, byte[] bytes) {
        try {
            client.out.write(bytes);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void the_backends_end_is_the_clients() throws Exception {
        RawBackend leaving =
                new RawBackend(c -> {
                    c.readHead();
                    c.send(SWITCH + "bye");
                });
        try (ProxyFixture proxy = new ProxyFixture(leaving);
                RawClient client = proxy.client()) {
            assertEquals(101, client.send(ASK).response().status());
            assertEquals("bye", new String(client.in.readNBytes(3)));
            assertTrue(client.closed());
        }
    }

    @Test
    void a_silent_tunnel_ends() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(echoing());
                RawClient client = proxy.client()) {
            proxy.timeouts =
                    new Timeouts(
                            Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofSeconds(1));
            client.send(ASK).response();
            client.in.readNBytes(7);
            assertTrue(client.closed());
            assertEquals(1, proxy.fired(Limit.TUNNEL_IDLE));
        }
    }

    /** A second request hides behind the upgrade that the backend refuses. */
    @Test
    void without_a_101_it_is_ordinary_http_and_the_last_on_its_connection() throws Exception {
        for (String answer :
                List.of(
                        RawBackend.ok("plain"),
                        "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 5\r\n\r\nplain")) {
            try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(answer));
                    RawClient client = proxy.client()) {
                client.send(ASK + "GET /hidden HTTP/1.1\r\nHost: a.test\r\n\r\n");
                RawClient.Response response = client.response();
                assertEquals("plain", response.body());
                assertEquals("close", response.field("Connection"));
                assertTrue(client.closed());
                assertEquals(1, proxy.backends.getFirst().heads.size());
            }
        }
    }

    @Test
    void a_101_to_something_else_is_502() throws Exception {
        for (String answer :
                List.of(
                        SWITCH.replace("WebSocket", "h2c"),
                        SWITCH.replace("Upgrade: WebSocket\r\n", ""))) {
            try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(answer))) {
                assertEquals(502, proxy.ask(ASK).status());
            }
        }
    }

    @Test
    void an_upgrade_past_our_policies_is_not_forwarded() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("plain")))) {
            for (String upgrade :
                    List.of(
                            "h2c",
                            "H2C",
                            "h2",
                            "HTTP/2.0",
                            "TLS/1.0",
                            "websocket, h2c",
                            "h2c, websocket",
                            "web socket")) {
                RawClient.Response response =
                        proxy.ask(
                                "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\nUpgrade: "
                                        + upgrade
                                        + "\r\n\r\n");
                assertEquals(200, response.status());
                String head = proxy.backends.getFirst().heads.getLast();
                assertNull(Wire.field(head, "Upgrade"), head);
                assertNull(Wire.field(head, "Connection"), head);
                assertNull(Wire.field(head, "HTTP2-Settings"), head);
            }
            // no Connection: upgrade, or a body
            proxy.ask("GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n\r\n");
            assertNull(Wire.field(proxy.backends.getFirst().heads.getLast(), "Upgrade"));
        }
    }
}
