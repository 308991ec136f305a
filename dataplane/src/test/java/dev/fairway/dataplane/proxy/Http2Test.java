package dev.fairway.dataplane.proxy;

import static dev.fairway.dataplane.proxy.Http2Client.CONTINUATION;
import static dev.fairway.dataplane.proxy.Http2Client.DATA;
import static dev.fairway.dataplane.proxy.Http2Client.END_HEADERS;
import static dev.fairway.dataplane.proxy.Http2Client.END_STREAM;
import static dev.fairway.dataplane.proxy.Http2Client.HEADERS;
import static dev.fairway.dataplane.proxy.Http2Client.PING;
import static dev.fairway.dataplane.proxy.Http2Client.PRIORITY;
import static dev.fairway.dataplane.proxy.Http2Client.RST_STREAM;
import static dev.fairway.dataplane.proxy.Http2Client.SETTINGS;
import static dev.fairway.dataplane.proxy.Http2Client.WINDOW_UPDATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.http2.Http2;
import dev.fairway.dataplane.proxy.Http2Client.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** HTTP/2 towards clients: RFC 9113 and 8441 on the wire, and the attack ledger's section 3.3. */
class Http2Test {
    private static final int CALM = ErrorCode.ENHANCE_YOUR_CALM.code();
    private static final int PROTOCOL = ErrorCode.PROTOCOL_ERROR.code();

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static ProxyFixture proxy() throws IOException {
        return new ProxyFixture(RawBackend.answering(RawBackend.ok("hello")));
    }

    private static ProxyFixture proxy(Http2Limits limits, RawBackend backend) throws IOException {
        ProxyLimits usual = ProxyLimits.DEFAULTS;
        return new ProxyFixture(
                new ProxyLimits(usual.entry(), usual.client(), usual.upstream(), limits),
                TransportKind.EPOLL,
                backend);
    }

    private static Http2Limits limits(
            int resets,
            Duration resetWindow,
            int controlFrames,
            int controlQueued,
            Duration windowStall) {
        Http2Limits usual = Http2Limits.DEFAULTS;
        return new Http2Limits(
                usual.streamWindow(),
                usual.connectionWindow(),
                resets,
                resetWindow,
                controlFrames,
                controlQueued,
                usual.prioritiesPerStream(),
                usual.updatesPerFrame(),
                usual.emptyFrames(),
                usual.settingsAck(),
                windowStall,
                usual.streamIdle(),
                usual.streamBuffer(),
                usual.connectionBuffer());
    }

    private static Http2Client client(ProxyFixture proxy, int... settings) throws IOException {
        return new Http2Client(proxy.address).begin(settings);
    }

    /** Takes requests and answers none, until it is closed. */
    private static RawBackend silent() throws IOException {
        return new RawBackend(c -> {
            c.readHead();
            c.in.transferTo(java.io.OutputStream.nullOutputStream());
        });
    }

    private static Settings head(Duration timeout) {
        return Altered.with(Settings.DEFAULTS, "headTimeout", timeout);
    }

    private static Settings keepAlive(Duration timeout) {
        return Altered.with(Settings.DEFAULTS, "keepAlive", timeout);
    }

    private static Settings requests(int most) {
        return Altered.with(Settings.DEFAULTS, "keepAliveRequests", most);
    }

    // Requests and responses.

    @Test
    void requests_and_responses_pass_and_connections_of_both_versions_share_a_listener()
            throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            for (int stream = 1; stream < 20; stream += 2) {
                Response response = client.ask(stream, "/p?q=1", "x-a", "b").response(stream);
                assertEquals(200, response.status);
                assertEquals("hello", response.body());
                assertEquals("5", response.field("content-length"));
                assertEquals("one", response.field("x-route"));
                assertNull(response.field("connection"));
            }
            String head = proxy.backends.getFirst().heads.getLast();
            assertTrue(head.startsWith("GET /p?q=1 HTTP/1.1\r\nHost: a.test\r\nx-a: b\r\n"), head);
            assertEquals(200, proxy.get("/").status());
            assertEquals("/p?q=1", proxy.lastFinished(1).target());
        }
    }

    @Test
    void a_preface_in_pieces_is_one() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = new Http2Client(proxy.address)) {
            for (byte b : Http2.PREFACE) {
                client.out.write(b);
                client.out.flush();
                Thread.sleep(2);
            }
            client.frame(SETTINGS, 0, 0, new byte[0]).ask(1, "/");
            assertEquals("hello", client.response(1).body());
        }
        try (ProxyFixture proxy = proxy();
                RawClient client = proxy.client()) {
            client.send("P");
            Thread.sleep(20);
            client.send("RI");
            Thread.sleep(20);
            client.send("X / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            assertEquals(200, client.response().status());
        }
    }

    @Test
    void bodies_of_any_size_pass_both_ways_under_windows() throws Exception {
        RawBackend echo =
                new RawBackend(c -> {
                    for (String request; (request = c.readRequest()) != null; ) {
                        String body = request.substring(request.indexOf("\r\n\r\n") + 4);
                        c.send(RawBackend.ok(body));
                    }
                });
        String large = "x".repeat(300_000);
        try (ProxyFixture proxy = new ProxyFixture(echo);
                Http2Client client = client(proxy, 4, 1 << 20)) {
            client.number(WINDOW_UPDATE, 0, 1 << 20);
            client.post(1, "/");
            Response response = client.of(1);
            int granted = 64 * 1024;
            int sent = 0;
            while (sent < large.length()) {
                int size = Math.min(16_000, Math.min(granted - sent, large.length() - sent));
                if (size > 0) {
                    client.data(1, large.substring(sent, sent + size), false);
                    sent += size;
                } else {
                    assertTrue(client.read());
                    Http2Client.Frame last = client.frames.getLast();
                    if (last.type() == WINDOW_UPDATE && last.stream() == 1) {
                        granted += last.number();
                    }
                }
            }
            client.data(1, "", true);
            assertEquals(large.length(), client.response(1).body().length());
            assertEquals(200, response.status);
            assertTrue(proxy.backends.getFirst().heads.getFirst().contains("chunked"));
            client.post(3, "/", "content-length", "3").data(3, "ab", false).data(3, "c", true);
            assertEquals("abc", client.response(3).body());
            String head = proxy.backends.getFirst().heads.getLast();
            assertEquals("3", Wire.field(head, "content-length"));
            assertNull(Wire.field(head, "transfer-encoding"));
        }
    }

    @Test
    void what_has_no_body_ends_with_its_head() throws Exception {
        for (String answer :
                List.of(
                        "HTTP/1.1 204 No Content\r\n\r\n",
                        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
            try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(answer));
                    Http2Client client = client(proxy)) {
                client.ask(1, "/").response(1);
                assertEquals(HEADERS, client.frames.getLast().type());
                assertEquals(END_HEADERS | END_STREAM, client.frames.getLast().flags());
            }
        }
        try (ProxyFixture proxy =
                        new ProxyFixture(
                                RawBackend.answering(
                                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
                Http2Client client = client(proxy)) {
            byte[] head = Http2Client.request("HEAD", "/");
            client.frame(HEADERS, END_HEADERS | END_STREAM, 1, head);
            assertEquals("5", client.response(1).field("content-length"));
            assertEquals(HEADERS, client.frames.getLast().type());
        }
    }

    @Test
    void informational_heads_and_expectations_pass() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    String head = c.readHead();
                    assertEquals("100-continue", Wire.field(head, "expect"));
                    c.send("HTTP/1.1 100 Continue\r\n\r\n");
                    c.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
                    Wire.body(head, c.in, false);
                    c.send(RawBackend.ok("done"));
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                Http2Client client = client(proxy)) {
            client.post(1, "/", "expect", "100-continue", "content-length", "2");
            while (client.of(1).informational.size() < 2) {
                assertTrue(client.read());
            }
            client.data(1, "hi", true);
            assertEquals("done", client.response(1).body());
            assertEquals(List.of(100, 103), client.of(1).informational);
        }
    }

    @Test
    void an_early_answer_is_whole_and_the_rest_of_its_request_reset_without_error()
            throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            byte[] elsewhere =
                    Http2Client.block(
                            ":method",
                            "POST",
                            ":scheme",
                            "http",
                            ":path",
                            "/",
                            ":authority",
                            "none.test");
            client.frame(HEADERS, END_HEADERS, 1, elsewhere).data(1, "some", false);
            assertEquals(404, client.response(1).status);
            assertEquals(ErrorCode.NO_ERROR.code(), client.reset(1));
            client.data(1, "more", true); // it did not know yet
            assertEquals(200, client.ask(3, "/").response(3).status);
        }
    }

    @Test
    void streams_take_turns_under_windows() throws Exception {
        String large = "y".repeat(200_000);
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok(large)));
                Http2Client client = client(proxy, 4, 1 << 20)) {
            client.ask(1, "/").ask(3, "/");
            while (client.of(1).data.size() + client.of(3).data.size() < 65_535) {
                assertTrue(client.read());
            }
            client.frames.clear();
            Thread.sleep(100); // both wait with data now
            client.number(WINDOW_UPDATE, 0, 128 * 1024);
            while (client.of(1).data.size() + client.of(3).data.size() < 65_535 + 128 * 1024) {
                assertTrue(client.read());
            }
            List<Integer> turns =
                    client.frames.stream()
                            .filter(frame -> frame.type() == DATA)
                            .map(Http2Client.Frame::stream)
                            .toList();
            for (int i = 1; i < turns.size(); i++) {
                assertFalse(turns.get(i).equals(turns.get(i - 1)), turns::toString);
            }
            client.number(WINDOW_UPDATE, 0, 1 << 20);
            assertEquals(large, client.response(1).body());
            assertEquals(large, client.response(3).body());
        }
    }

    @Test
    void a_window_that_shrinks_below_nothing_is_paid_back_first() throws Exception {
        try (ProxyFixture proxy =
                        new ProxyFixture(RawBackend.answering(RawBackend.ok("0123456789")));
                Http2Client client = client(proxy, 4, 4)) {
            client.ask(1, "/");
            while (client.of(1).data.size() < 4) {
                assertTrue(client.read());
            }
            client.frame(SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 1}); // now -3
            client.number(WINDOW_UPDATE, 1, 3);
            assertTrue(client.alive());
            assertEquals(4, client.of(1).data.size());
            client.number(WINDOW_UPDATE, 1, 1);
            assertTrue(client.alive());
            assertEquals(5, client.of(1).data.size());
            client.number(WINDOW_UPDATE, 1, 100);
            assertEquals("0123456789", client.response(1).body());
        }
    }

    @Test
    void a_response_that_breaks_off_is_reset() throws Exception {
        RawBackend breaking =
                new RawBackend(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                });
        try (ProxyFixture proxy = new ProxyFixture(breaking);
                Http2Client client = client(proxy)) {
            client.ask(1, "/");
            assertEquals(ErrorCode.INTERNAL_ERROR.code(), client.reset(1));
            assertFalse(client.of(1).ended);
            assertEquals("upstream-broken", proxy.lastFinished(1).reason());
            assertTrue(client.alive());
        }
    }

    @Test
    void trailers_pass_by_rule() throws Exception {
        RawBackend backend =
                RawBackend.answering(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
                                + "Grpc-Status: 0\r\nHost: x\r\n\r\n");
        try (ProxyFixture proxy = new ProxyFixture(backend);
                Http2Client client = client(proxy)) {
            client.ask(1, "/", "te", "trailers");
            assertEquals("ok", client.response(1).body());
            assertEquals("grpc-status: 0\r\n", client.of(1).trailers);
            client.post(3, "/").data(3, "x", false);
            client.frame(
                    HEADERS,
                    END_HEADERS | END_STREAM,
                    3,
                    Http2Client.block("content-digest", "d", "host", "h"));
            assertEquals(200, client.response(3).status);
        }
    }

    // Websockets.

    @Test
    void a_websocket_by_extended_connect_is_an_upgrade_at_the_backend() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    String head = c.readHead();
                    assertTrue(head.startsWith("GET /chat HTTP/1.1\r\n"), head);
                    assertEquals("websocket", Wire.field(head, "upgrade"));
                    assertEquals(24, Wire.field(head, "sec-websocket-key").length());
                    c.send(
                            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n"
                                    + "Upgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nhi");
                    c.in.transferTo(c.out);
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                Http2Client client = client(proxy)) {
            byte[] connect = Http2Client.request("CONNECT", "/chat", "sec-websocket-version", "13");
            byte[] protocol = Http2Client.block(":protocol", "websocket");
            byte[] block =
                    ByteBuffer.allocate(connect.length + protocol.length)
                            .put(protocol)
                            .put(connect)
                            .array();
            client.frame(HEADERS, END_HEADERS, 1, block).data(1, "early", false);
            while (client.of(1).data.size() < 7) {
                assertTrue(client.read());
            }
            assertEquals(200, client.of(1).status);
            assertNull(client.of(1).field("upgrade"));
            assertNull(client.of(1).field("connection"));
            assertNull(client.of(1).field("sec-websocket-accept"));
            assertEquals("hiearly", client.of(1).body());
            for (int i = 0; i < 10; i++) {
                client.data(1, "ping" + i, false);
                while (client.of(1).data.size() < 7 + 5 * (i + 1)) {
                    assertTrue(client.read());
                }
            }
            client.ask(3, "/chat"); // others go on meanwhile, and end with their backend
            client.data(1, "", true);
            assertTrue(client.response(1).ended);
            proxy.eventually("it was told of", () -> !proxy.finished.isEmpty());
            assertEquals(101, proxy.lastFinished(1).status());
        }
    }

    @Test
    void connect_is_refused() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            byte[] connect = Http2Client.block(":method", "CONNECT", ":authority", "a.test:443");
            client.frame(HEADERS, END_HEADERS, 1, connect);
            assertEquals(405, client.response(1).status);
            assertEquals(0, proxy.backends.getFirst().heads.size());
        }
    }

    // The ledger.

    @Test
    void c1_rapid_resets_end_the_connection_and_the_backend_sees_few() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(silent());
                Http2Client client = client(proxy)) {
            int stream = 1;
            try {
                for (int i = 0; i < 10_000; i++, stream += 2) {
                    client.ask(stream, "/").number(RST_STREAM, stream, 8);
                }
            } catch (IOException e) {
                // closed in the middle, as it should be
            }
            client.end();
            assertTrue(client.closed);
            proxy.eventually("nothing is left", () -> proxy.server.exchangesInFlight() == 0);
            assertTrue(proxy.backends.getFirst().connections.get() <= 200);
            assertEquals(1, proxy.fired(Limit.HTTP2_RESETS));
        }
    }

    @Test
    void c1_a_hundred_resets_in_ten_seconds_are_fine() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(silent());
                Http2Client client = client(proxy)) {
            for (int i = 0; i < 100; i++) {
                client.ask(2 * i + 1, "/").number(RST_STREAM, 2 * i + 1, 8);
            }
            assertTrue(client.alive());
            client.ask(201, "/").number(RST_STREAM, 201, 8);
            assertEquals(CALM, client.end());
        }
    }

    @Test
    void c1_c8_what_was_spent_is_forgotten_in_time() throws Exception {
        Http2Limits usual = Http2Limits.DEFAULTS;
        Http2Limits few = limits(5, Duration.ofMillis(300), 20, 1_000, usual.windowStall());
        try (ProxyFixture proxy = proxy(few, silent());
                Http2Client client = client(proxy)) {
            int stream = 1;
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 5; i++, stream += 2) {
                    client.ask(stream, "/").number(RST_STREAM, stream, 8);
                }
                for (int i = 0; i < 15; i++) {
                    assertTrue(client.alive(), "round " + round);
                }
                Thread.sleep(400);
            }
        }
    }

    @Test
    void c2_resets_a_client_provokes_count_like_its_own() throws Exception {
        List<java.util.function.BiConsumer<Http2Client, Integer>> provoking =
                List.of(
                        (c, s) -> send(c, WINDOW_UPDATE, s, new byte[4]),
                        (c, s) -> send(c, PRIORITY, s, new byte[4]),
                        (c, s) -> send(c, PRIORITY, s, ByteBuffer.allocate(5).putInt(s).array()),
                        (c, s) -> send(c, HEADERS, s, Http2Client.block("x", "y")),
                        (c, s) ->
                                send(
                                        c,
                                        WINDOW_UPDATE,
                                        s,
                                        ByteBuffer.allocate(4).putInt(0x7fffffff).array()));
        for (var provoke : provoking) {
            try (ProxyFixture proxy = new ProxyFixture(silent());
                    Http2Client client = client(proxy)) {
                for (int i = 0; i < 101; i++) {
                    client.post(2 * i + 1, "/");
                    provoke.accept(client, 2 * i + 1);
                }
                assertEquals(CALM, client.end());
                proxy.eventually("nothing is left", () -> proxy.server.exchangesInFlight() == 0);
                proxy.eventually("nor upstream", () -> proxy.server.upstreamActive() == 0);
                assertEquals(1, proxy.fired(Limit.HTTP2_RESETS));
            }
        }
    }

    private static void send(Http2Client client, int type, int stream, byte[] payload) {
        try {
            client.frame(type, type == HEADERS ? END_HEADERS : 0, stream, payload);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void c3_continuations_end_within_sixteen() throws Exception {
        for (byte[] fragment : List.of(new byte[0], new byte[] {0x20})) {
            try (ProxyFixture proxy = proxy();
                    Http2Client client = client(proxy)) {
                client.frame(HEADERS, END_STREAM, 1, Http2Client.get("/"));
                try {
                    for (int i = 0; i < 10_000; i++) {
                        client.frame(CONTINUATION, 0, 1, fragment);
                    }
                } catch (IOException e) {
                    // closed in the middle, as it should be
                }
                client.end();
                assertTrue(client.closed);
                assertEquals(1, proxy.fired(Limit.HTTP2_CONTINUATION));
            }
        }
    }

    @Test
    void c4_a_bomb_of_indexed_crumbs_is_431_and_the_connection_goes_on() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            byte[] start = Http2Client.get("/", "cookie", "a=1");
            for (int stream = 1; stream < 100; stream += 2) {
                // few enough bytes that only their number is too large, and then both
                int crumbs = stream < 50 ? 200 : 15_000;
                byte[] block = java.util.Arrays.copyOf(start, start.length + crumbs);
                java.util.Arrays.fill(block, start.length, block.length, (byte) (0x80 | 32));
                client.frame(HEADERS, END_HEADERS | END_STREAM, stream, block);
                assertEquals(431, client.response(stream).status);
            }
            assertEquals(200, client.ask(101, "/").response(101).status);
            assertEquals(50, proxy.fired(Limit.HEAD_SIZE));
            assertEquals(1, proxy.backends.getFirst().heads.size());
        }
    }

    @Test
    void c5_a_list_too_large_is_431_and_the_table_stays_in_step() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            byte[] large =
                    Http2Client.get(
                            "/",
                            "a",
                            "v".repeat(8000),
                            "b",
                            "v".repeat(8000),
                            "c",
                            "v".repeat(8000),
                            "d",
                            "v".repeat(8000),
                            "e",
                            "v".repeat(8000));
            client.frame(HEADERS, END_STREAM, 1, java.util.Arrays.copyOf(large, 16_000));
            client.frame(CONTINUATION, 0, 1, java.util.Arrays.copyOfRange(large, 16_000, 32_000));
            byte[] rest = java.util.Arrays.copyOfRange(large, 32_000, large.length);
            client.frame(CONTINUATION, END_HEADERS, 1, rest);
            assertEquals(431, client.response(1).status);
            assertEquals(200, client.ask(3, "/").response(3).status);
            assertEquals(414, client.ask(5, "/" + "p".repeat(9000)).response(5).status);
        }
    }

    @Test
    void c6_a_tiny_header_list_size_does_not_spoil_responses() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy, 6, 1, 1, 0)) {
            assertEquals(200, client.ask(1, "/").response(1).status);
            assertEquals(200, client.ask(3, "/").response(3).status);
        }
    }

    @Test
    void c7_a_hundred_streams_are_offered_first_and_more_refused() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(silent());
                Http2Client client = client(proxy)) {
            for (int i = 0; i < 101; i++) {
                client.ask(2 * i + 1, "/");
            }
            assertEquals(ErrorCode.REFUSED_STREAM.code(), client.reset(201));
            Http2Client.Frame first = client.frames.getFirst();
            assertEquals(SETTINGS, first.type());
            assertEquals(3, ByteBuffer.wrap(first.payload()).getShort(0));
            assertEquals(100, ByteBuffer.wrap(first.payload()).getInt(2));
            assertEquals(100, proxy.server.exchangesInFlight());
            assertEquals(1, proxy.fired(Limit.HTTP2_STREAMS));
        }
    }

    /** What a block says of the table holds although nobody wants its request. */
    @Test
    void c7_a_refused_stream_leaves_the_table_in_step() throws Exception {
        RawBackend picky =
                new RawBackend(c -> {
                    if (c.readHead().contains("/ok")) {
                        c.send(RawBackend.ok("ok"));
                    }
                    c.in.transferTo(java.io.OutputStream.nullOutputStream());
                });
        try (ProxyFixture proxy = new ProxyFixture(picky);
                Http2Client client = client(proxy)) {
            for (int i = 0; i < 100; i++) {
                client.ask(2 * i + 1, "/");
            }
            byte[] plain = Http2Client.get("/ok");
            byte[] adds = java.util.Arrays.copyOf(plain, plain.length + 5);
            System.arraycopy(new byte[] {0x40, 1, 'x', 1, 'y'}, 0, adds, plain.length, 5);
            client.frame(HEADERS, END_HEADERS | END_STREAM, 201, adds);
            assertEquals(ErrorCode.REFUSED_STREAM.code(), client.reset(201));
            client.number(RST_STREAM, 1, 8);
            byte[] refers = java.util.Arrays.copyOf(plain, plain.length + 1);
            refers[plain.length] = (byte) 0xbe;
            client.frame(HEADERS, END_HEADERS | END_STREAM, 203, refers);
            assertEquals("ok", client.response(203).body());
            String head =
                    proxy.backends.getFirst().heads.stream()
                            .filter(read -> read.contains("/ok"))
                            .findFirst()
                            .orElseThrow();
            assertEquals("y", Wire.field(head, "x"));
        }
    }

    /** The client takes nothing, so that our answers to its frames wait here. */
    @Test
    void c8_answers_nobody_takes_end_the_connection() throws Exception {
        Http2Limits usual = Http2Limits.DEFAULTS;
        Http2Limits patient =
                limits(100, usual.resetWindow(), 100_000_000, 50, usual.windowStall());
        try (ProxyFixture proxy = proxy(patient, silent());
                Http2Client client = client(proxy)) {
            byte[] pings = new byte[17 * 1000];
            for (int i = 0; i < 1000; i++) {
                System.arraycopy(Http2Client.bytes(PING, 0, 0, new byte[8]), 0, pings, 17 * i, 17);
            }
            try {
                for (int i = 0; i < 2_000; i++) {
                    client.out.write(pings);
                }
            } catch (IOException e) {
                // closed in the middle, as it should be
            }
            proxy.eventually("cut", () -> proxy.fired(Limit.HTTP2_CONTROL_QUEUE) == 1);
        }
    }

    @Test
    void c8_frames_that_ask_for_nothing_are_bounded() throws Exception {
        byte[] eight = new byte[8];
        for (int type : List.of(PING, SETTINGS, PRIORITY, WINDOW_UPDATE, DATA, 0xfa)) {
            try (ProxyFixture proxy = new ProxyFixture(silent());
                    Http2Client client = client(proxy)) {
                client.post(1, "/");
                byte[] payload =
                        switch (type) {
                            case PING, 0xfa -> eight;
                            case PRIORITY -> new byte[5];
                            case WINDOW_UPDATE -> new byte[] {0, 0, 0, 1};
                            default -> new byte[0];
                        };
                int stream = type == DATA || type == PRIORITY ? 1 : 0;
                try {
                    for (int i = 0; i < 20_000; i++) {
                        client.frame(type, 0, stream, payload);
                    }
                } catch (IOException e) {
                    // closed in the middle, as it should be
                }
                client.end();
                assertTrue(client.closed, "type " + type);
                Limit limit =
                        switch (type) {
                            case PRIORITY -> Limit.HTTP2_PRIORITIES;
                            case WINDOW_UPDATE -> Limit.HTTP2_WINDOW_UPDATES;
                            case DATA -> Limit.HTTP2_EMPTY_FRAMES;
                            default -> Limit.HTTP2_CONTROL_FRAMES;
                        };
                assertEquals(1, proxy.fired(limit), "type " + type);
                proxy.eventually("nothing is left", () -> proxy.server.exchangesInFlight() == 0);
            }
        }
    }

    @Test
    void c8_pings_beside_traffic_are_fine() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            for (int stream = 1; stream < 3000; stream += 2) {
                assertTrue(client.alive());
                assertEquals(200, client.ask(stream, "/").response(stream).status);
                client.number(WINDOW_UPDATE, 0, 5);
            }
        }
    }

    @Test
    void c9_a_response_without_a_window_is_given_up() throws Exception {
        Http2Limits usual = Http2Limits.DEFAULTS;
        Http2Limits quick =
                limits(usual.resets(), usual.resetWindow(), 1_000, 1_000, Duration.ofMillis(300));
        RawBackend endless =
                new RawBackend(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 200 OK\r\n\r\n");
                    while (true) {
                        c.send("x".repeat(10_000));
                    }
                });
        try (ProxyFixture proxy = proxy(quick, endless);
                Http2Client client = client(proxy, 4, 0)) {
            client.ask(1, "/");
            while (client.of(1).status == 0) {
                assertTrue(client.read());
            }
            Thread drip = Thread.ofVirtual().start(() -> drip(client)); // is no progress
            assertEquals(ErrorCode.CANCEL.code(), client.reset(1));
            drip.interrupt();
            drip.join();
            assertTrue(client.of(1).data.size() < 50, client.of(1).data.size() + " bytes");
            assertEquals(1, proxy.fired(Limit.HTTP2_WINDOW_STALL));
            proxy.eventually("the backend is let go", () -> proxy.server.upstreamActive() == 0);
            assertTrue(client.alive());
        }
    }

    /** A byte of window each 30 ms, for so long that only giving up ends it sooner. */
    private static void drip(Http2Client client) {
        try {
            for (int i = 0; i < 80; i++) {
                client.number(WINDOW_UPDATE, 1, 1);
                Thread.sleep(30);
            }
        } catch (IOException | InterruptedException e) {
            // given up
        }
    }

    /** RFC 9113 5.1: what is said of streams that never were, and of those that have ended. */
    @Test
    void c10_a_frame_on_a_stream_without_a_place_for_it_has_its_code() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(silent())) {
            for (int type : List.of(DATA, RST_STREAM, WINDOW_UPDATE)) {
                try (Http2Client client = client(proxy)) {
                    client.ask(1, "/").frame(type, 0, 7, new byte[] {0, 0, 0, 1});
                    assertEquals(PROTOCOL, client.end(), "idle, type " + type);
                }
            }
            try (Http2Client client = client(proxy)) {
                client.ask(1, "/").data(1, "late", false);
                assertEquals(ErrorCode.STREAM_CLOSED.code(), client.reset(1));
                client.number(RST_STREAM, 1, 8).data(1, "later", true).number(WINDOW_UPDATE, 1, 1);
                assertTrue(client.alive());
            }
        }
    }

    @Test
    void c10_frames_on_streams_that_are_gone_reach_nobody() throws Exception {
        Random random = new Random(17);
        try (ProxyFixture proxy = proxy()) {
            for (int round = 0; round < 150; round++) {
                try (Http2Client client = client(proxy)) {
                    ByteBuffer soup = ByteBuffer.allocate(64 * 1024);
                    int stream = 1;
                    for (int i = 0; i < 60; i++) {
                        int on = random.nextInt(4) == 0 ? stream : 1 + 2 * random.nextInt(6);
                        byte[] payload = new byte[random.nextInt(12)];
                        random.nextBytes(payload);
                        int type = random.nextInt(11);
                        if (random.nextInt(3) == 0) {
                            type = HEADERS;
                            stream += 2;
                            on = stream;
                            payload = Http2Client.get("/soup" + round);
                        }
                        soup.put(Http2Client.bytes(type, random.nextInt(256) & 0x25, on, payload));
                    }
                    client.out.write(java.util.Arrays.copyOf(soup.array(), soup.position()));
                    client.socket.shutdownOutput();
                    client.end();
                }
            }
            proxy.eventually("nothing is left", () -> proxy.server.exchangesInFlight() == 0);
            proxy.eventually("nobody", () -> proxy.server.clientConnections() == 0);
            try (Http2Client client = client(proxy)) {
                assertEquals("hello", client.ask(1, "/").response(1).body());
            }
        }
    }

    @Test
    void c11_malformed_requests_are_reset_and_reach_no_backend() throws Exception {
        String[][] fields = {
            {"Upper", "1"},
            {"x", "a\r\nEvil: 1"},
            {"x", "a\0"},
            {"x:y", "1"},
            {"transfer-encoding", "chunked"},
            {"connection", "close"},
            {"content-length", "7"},
            {":path", "/again"},
            {"te", "gzip"},
            {"host", "b.test"},
        };
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            int stream = 1;
            for (String[] field : fields) {
                client.ask(stream, "/", field);
                assertEquals(PROTOCOL, client.reset(stream), field[0]);
                stream += 2;
            }
            client.post(stream, "/", "content-length", "3").data(stream, "abcd", true);
            assertEquals(PROTOCOL, client.reset(stream));
            stream += 2;
            client.post(stream, "/", "content-length", "3").data(stream, "ab", true);
            assertEquals(PROTOCOL, client.reset(stream));
            stream += 2;
            client.post(stream, "/").data(stream, "a", false);
            byte[] pseudo = Http2Client.block(":path", "/evil");
            client.frame(HEADERS, END_HEADERS | END_STREAM, stream, pseudo);
            assertEquals(PROTOCOL, client.reset(stream));
            stream += 2;
            assertEquals(200, client.ask(stream, "/good").response(stream).status);
            for (String head : proxy.backends.getFirst().heads) {
                assertTrue(head.startsWith("POST") || head.startsWith("GET /good"), head);
            }
        }
    }

    @Test
    void c13_resets_in_the_middle_of_bodies_leave_nothing() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(silent())) {
            for (int round = 0; round < 20; round++) {
                try (Http2Client client = client(proxy)) {
                    for (int i = 0; i < 90; i++) {
                        client.post(2 * i + 1, "/").data(2 * i + 1, "z".repeat(5000), false);
                        client.number(RST_STREAM, 2 * i + 1, 8);
                    }
                    assertTrue(client.alive());
                    proxy.eventually("none goes on", () -> proxy.server.exchangesInFlight() == 0);
                }
            }
            proxy.eventually("nothing is left", () -> proxy.server.exchangesInFlight() == 0);
            proxy.eventually("nothing upstream", () -> proxy.server.upstreamActive() == 0);
        }
    }

    // Windows of ours, and time.

    @Test
    void a_body_beyond_its_window_is_an_error_of_its_stream() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(silent());
                Http2Client client = client(proxy)) {
            proxy.admit =
                    context ->
                            new dev.fairway.dataplane.policy.Decision.Await(
                                    new CompletableFuture<>());
            client.post(1, "/");
            for (int i = 0; i < 10; i++) {
                client.data(1, "w".repeat(16_000), false);
            }
            assertEquals(ErrorCode.FLOW_CONTROL_ERROR.code(), client.reset(1));
            assertTrue(client.alive());
        }
    }

    @Test
    void the_first_settings_have_a_time() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            proxy.settings = head(Duration.ofMillis(200));
            for (String start : List.of("PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
                try (Http2Client client = new Http2Client(proxy.address)) {
                    client.out.write(start.getBytes(StandardCharsets.US_ASCII));
                    client.end();
                    assertTrue(client.closed);
                }
            }
            assertEquals(2, proxy.fired(Limit.HEAD_TIME));
        }
    }

    @Test
    void a_head_that_does_not_end_is_slow_however_many_frames_it_comes_in() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            proxy.settings = head(Duration.ofMillis(300));
            try (Http2Client client = client(proxy)) {
                client.frame(HEADERS, END_STREAM, 1, Http2Client.get("/"));
                CompletableFuture.runAsync(() -> {
                    try {
                        for (int i = 0; i < 15; i++) {
                            Thread.sleep(100);
                            client.frame(CONTINUATION, 0, 1, new byte[] {(byte) 0xa0});
                        }
                    } catch (IOException | InterruptedException e) {
                        // closed in the middle, as it should be
                    }
                });
                client.end();
                assertTrue(client.closed);
                assertEquals(1, proxy.fired(Limit.HEAD_TIME));
            }
        }
    }

    @Test
    void an_unused_connection_ends_with_a_word() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            proxy.settings = keepAlive(Duration.ofMillis(200));
            try (Http2Client client = client(proxy)) {
                client.ask(1, "/").response(1);
                assertEquals(0, client.end());
                assertEquals(1, client.goAwayStream);
                assertEquals(1, proxy.fired(Limit.KEEP_ALIVE_IDLE));
            }
        }
    }

    // Leaving.

    @Test
    void a_spent_connection_leaves_in_two_steps_and_serves_what_is_on_its_way() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            proxy.settings = requests(2);
            try (Http2Client client = client(proxy)) {
                client.ask(1, "/").response(1);
                assertEquals(-1, client.goAway);
                client.ask(3, "/");
                while (client.goAway < 0) {
                    assertTrue(client.read());
                }
                assertEquals(Integer.MAX_VALUE, client.goAwayStream);
                assertEquals(200, client.ask(5, "/").response(5).status);
                assertEquals(0, client.end());
                assertEquals(5, client.goAwayStream);
            }
        }
    }

    @Test
    void a_drain_says_goodbye_in_two_steps_and_waits_for_what_is_under_way() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        RawBackend backend =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        if (head.contains("/slow")) {
                            await(slow);
                        }
                        c.send(RawBackend.ok("ok"));
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                Http2Client client = client(proxy)) {
            client.ask(1, "/slow");
            proxy.eventually("it is under way", () -> proxy.server.exchangesInFlight() == 1);
            CompletableFuture<Void> done =
                    proxy.server
                            .drain(Duration.ofMillis(300), Duration.ofSeconds(5))
                            .toCompletableFuture();
            while (client.goAway < 0) {
                assertTrue(client.read());
            }
            assertEquals(Integer.MAX_VALUE, client.goAwayStream);
            assertEquals(200, client.ask(3, "/").response(3).status);
            while (client.goAwayStream != 3) {
                assertTrue(client.read());
            }
            client.ask(5, "/"); // too late: it knows
            slow.countDown();
            assertEquals("ok", client.response(1).body());
            client.end();
            assertEquals(0, client.of(5).status);
            done.get(5, TimeUnit.SECONDS);
            assertEquals(0, proxy.fired(Limit.DRAIN_GRACE));
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
