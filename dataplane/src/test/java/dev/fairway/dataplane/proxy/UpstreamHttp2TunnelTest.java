package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Timeouts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** WebSockets to HTTP/2 backends by extended CONNECT (RFC 8441), from clients of both protocols. */
class UpstreamHttp2TunnelTest {
    private static final int WINDOW = 4;
    private static final int CONNECT_PROTOCOL = 8;

    /** Key and answer of RFC 6455 1.3. */
    private static final String ASK =
            """
            GET /chat?a=b HTTP/1.1\r
            Host: a.test\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Protocol: chat\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r
            """;

    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    /** Takes tunnels and sends back what comes through them, "bye" ends them from here. */
    private void echo(Http2Peer peer) throws IOException {
        while (true) {
            Http2Peer.Frame frame = peer.message();
            switch (frame.type()) {
                case Http2Peer.HEADERS -> {
                    String head = peer.request(frame);
                    heads.add(head + (frame.ends() ? "ends" : "goes on"));
                    boolean refused = head.contains("/refused");
                    peer.headers(
                            frame.stream(),
                            frame.ends() || refused,
                            ":status",
                            refused ? "403" : "200",
                            "sec-websocket-protocol",
                            "chat");
                }
                case Http2Peer.DATA -> {
                    if (frame.payload().length > 0) {
                        peer.windowUpdate(0, frame.payload().length);
                        peer.windowUpdate(frame.stream(), frame.payload().length);
                    }
                    peer.data(
                            frame.stream(),
                            frame.ends() || frame.text().endsWith("bye"),
                            frame.text());
                }
                default -> heads.add("reset " + frame.number());
            }
        }
    }

    private RawBackend echoing() throws IOException {
        return Http2Peer.backend(this::echo, CONNECT_PROTOCOL, 1);
    }

    private static byte[] connect(String path) {
        byte[] fields = Http2Client.request("CONNECT", path, "sec-websocket-version", "13");
        byte[] protocol = Http2Client.block(":protocol", "websocket");
        return ByteBuffer.allocate(fields.length + protocol.length)
                .put(protocol)
                .put(fields)
                .array();
    }

    @Test
    void an_upgrade_of_http1_is_an_extended_connect_at_the_backend() throws Exception {
        try (ProxyFixture proxy = Http2Peer.proxy(echoing());
                RawClient client = proxy.client()) {
            client.send(ASK + "early");
            RawClient.Response response = client.response();
            assertEquals(101, response.status());
            assertTrue(response.head().startsWith("HTTP/1.1 101 Switching"), response.head());
            assertEquals("websocket", response.field("upgrade"));
            assertEquals("upgrade", response.field("connection"));
            assertEquals(ACCEPT, response.field("sec-websocket-accept"));
            assertEquals("chat", response.field("sec-websocket-protocol"));
            assertNull(response.field("content-length"));
            assertNull(response.field("transfer-encoding"));
            assertEquals("early", new String(client.in.readNBytes(5)));
            for (int i = 0; i < 10; i++) {
                client.send("ping" + i);
                assertEquals("ping" + i, new String(client.in.readNBytes(5)));
            }
            String head = heads.poll(1, TimeUnit.SECONDS);
            assertTrue(head.startsWith("CONNECT"), head);
            assertTrue(head.contains("/chat?a=b"), head);
            assertTrue(head.contains("upgrade: websocket\r\n"), head); // :protocol, as it is read
            assertTrue(head.contains("sec-websocket-version: 13\r\n"), head);
            assertFalse(head.contains("dGhlIHNhbXBsZSBub25jZQ"), head);
            assertFalse(head.contains("connection:"), head);
            assertTrue(head.endsWith("goes on"), head);
            assertEquals(1, proxy.backends.getFirst().fixture.endpoint.inFlight());
            client.send("bye");
            assertEquals("bye", new String(client.in.readAllBytes()));
        } finally {
            assertTrue(heads.isEmpty(), "ended without a reset: " + heads);
        }
    }

    @Test
    void an_extended_connect_stays_one() throws Exception {
        try (ProxyFixture proxy = Http2Peer.proxy(echoing());
                Http2Client client = new Http2Client(proxy.address).begin()) {
            client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS, 1, connect("/chat"));
            client.data(1, "early", false);
            while (client.of(1).data.size() < 5) {
                assertTrue(client.read());
            }
            assertEquals(200, client.of(1).status);
            assertNull(client.of(1).field("upgrade"));
            assertNull(client.of(1).field("sec-websocket-accept"));
            assertEquals("chat", client.of(1).field("sec-websocket-protocol"));
            client.data(1, "x", true);
            assertTrue(client.response(1).ended);
            proxy.eventually("it was told of", () -> !proxy.finished.isEmpty());
            assertEquals(101, proxy.lastFinished(1).status());
            proxy.eventually("nothing is left", () -> proxy.server.upstreamActive() == 0);
            assertEquals(0, proxy.backends.getFirst().fixture.endpoint.inFlight());
        }
    }

    @Test
    void a_refusal_is_an_answer_and_the_connection_goes_on() throws Exception {
        try (ProxyFixture proxy = Http2Peer.proxy(echoing())) {
            assertEquals(403, proxy.ask(ASK.replace("/chat", "/refused")).status());
            assertEquals(200, proxy.get("/plain").status());
            assertEquals(1, proxy.backends.getFirst().connections.get());
        }
    }

    /** RFC 6455 4.2.1: there would be no answer to it that a client may believe. */
    @Test
    void without_one_key_of_16_bytes_there_is_no_websocket() throws Exception {
        try (ProxyFixture proxy = Http2Peer.proxy(echoing())) {
            for (String fields :
                    List.of(
                            "",
                            "Sec-WebSocket-Key: \r\n",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZX==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZXh4\r\n",
                            "Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==\r\n")) {
                RawClient.Response response =
                        proxy.ask(ASK.replaceAll("Sec-WebSocket-Key: .*\r\n", fields));
                assertEquals(400, response.status(), fields);
                assertNull(response.field("upgrade"));
            }
            assertTrue(heads.isEmpty(), heads.toString());
            assertEquals(0, proxy.backends.getFirst().fixture.endpoint.inFlight());
            assertEquals("websocket-key", proxy.lastFinished(1).reason());
            try (RawClient client = proxy.client()) {
                assertEquals(101, client.send(ASK).response().status());
            }
        }
    }

    @Test
    void much_passes_both_ways_through_small_windows() throws Exception {
        RawBackend backend = Http2Peer.backend(this::echo, CONNECT_PROTOCOL, 1, WINDOW, 1000);
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient client = proxy.client()) {
            client.send(ASK);
            assertEquals(101, client.response().status());
            byte[] large = new byte[2 << 20];
            for (int i = 0; i < large.length; i++) {
                large[i] = (byte) (i * 31 + i / 257);
            }
            large[large.length - 1] = '.';
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            client.out.write(large);
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            assertArrayEquals(large, client.in.readNBytes(large.length));
        }
    }

    @Test
    void a_client_that_leaves_ends_the_stream_and_no_other() throws Exception {
        BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        RawBackend backend =
                Http2Peer.backend(
                        peer -> {
                            while (true) {
                                Http2Peer.Frame frame = peer.message();
                                if (frame.type() == Http2Peer.HEADERS) {
                                    peer.headers(frame.stream(), frame.ends(), ":status", "200");
                                } else if (frame.ends() && frame.type() == Http2Peer.DATA) {
                                    ends.add(frame.text());
                                    peer.data(frame.stream(), true, "");
                                } else if (frame.type() == Http2Peer.RESET) {
                                    ends.add("reset");
                                }
                            }
                        },
                        CONNECT_PROTOCOL,
                        1);
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            try (RawClient client = proxy.client()) {
                client.send(ASK);
                assertEquals(101, client.response().status());
            }
            assertEquals("", ends.poll(5, TimeUnit.SECONDS));
            proxy.eventually("nothing is left", () -> proxy.server.upstreamActive() == 0);
            assertEquals(200, proxy.get("/").status());
            assertEquals(1, backend.connections.get());
            assertTrue(ends.isEmpty(), ends.toString());
        }
    }

    @Test
    void a_reset_or_a_lost_connection_is_the_clients_end() throws Exception {
        RawBackend backend =
                Http2Peer.backend(
                        peer -> {
                            Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                            peer.headers(head.stream(), false, ":status", "200");
                            peer.data(head.stream(), false, "half");
                            peer.reset(head.stream(), 8);
                            head = peer.next(Http2Peer.HEADERS);
                            peer.headers(head.stream(), false, ":status", "200");
                            peer.data(head.stream(), false, "lost");
                        },
                        CONNECT_PROTOCOL,
                        1);
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            for (String said : new String[] {"half", "lost"}) {
                try (RawClient client = proxy.client()) {
                    client.send(ASK);
                    assertEquals(101, client.response().status());
                    assertEquals(said, new String(client.in.readAllBytes()));
                }
            }
            proxy.eventually("nothing is left", () -> proxy.server.upstreamActive() == 0);
            assertEquals(0, backend.fixture.endpoint.inFlight());
        }
    }

    @Test
    void trailers_in_a_tunnel_are_an_error_of_its_stream() throws Exception {
        BlockingQueue<Integer> resets = new LinkedBlockingQueue<>();
        RawBackend backend =
                Http2Peer.backend(
                        peer -> {
                            Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                            peer.headers(head.stream(), false, ":status", "200");
                            peer.headers(head.stream(), true, "x", "y");
                            resets.add(peer.next(Http2Peer.RESET).number());
                        },
                        CONNECT_PROTOCOL,
                        1);
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient client = proxy.client()) {
            client.send(ASK);
            assertEquals(101, client.response().status());
            assertEquals(1, resets.poll(5, TimeUnit.SECONDS));
            assertEquals(-1, client.in.read());
        }
    }

    @Test
    void an_idle_tunnel_ends_and_not_before_the_routes_read_timeout() throws Exception {
        try (ProxyFixture proxy = Http2Peer.proxy(echoing());
                RawClient client = proxy.client()) {
            proxy.timeouts =
                    new Timeouts(
                            Duration.ofSeconds(1), Duration.ofMillis(400), Duration.ofSeconds(1));
            client.send(ASK);
            assertEquals(101, client.response().status());
            for (int i = 0; i < 4; i++) {
                Thread.sleep(200);
                client.send("x");
                assertEquals('x', client.in.read());
            }
            assertEquals(-1, client.in.read());
            assertEquals(1, proxy.fired(Limit.TUNNEL_IDLE));
            proxy.eventually("nothing is left", () -> proxy.server.upstreamActive() == 0);
        }
    }

    @Test
    void a_backend_that_never_ends_its_side_is_reset_in_time() throws Exception {
        BlockingQueue<Integer> resets = new LinkedBlockingQueue<>();
        RawBackend backend =
                Http2Peer.backend(
                        peer -> {
                            Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                            peer.headers(head.stream(), false, ":status", "200");
                            resets.add(peer.next(Http2Peer.RESET).number());
                        },
                        CONNECT_PROTOCOL,
                        1);
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            proxy.timeouts =
                    new Timeouts(
                            Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMillis(300));
            try (RawClient client = proxy.client()) {
                client.send(ASK);
                assertEquals(101, client.response().status());
            }
            assertEquals(8, resets.poll(5, TimeUnit.SECONDS));
            proxy.eventually("nothing is left", () -> proxy.server.upstreamActive() == 0);
        }
    }
}
