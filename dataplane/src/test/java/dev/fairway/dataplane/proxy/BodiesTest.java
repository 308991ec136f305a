package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.Altered;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies both ways: framing, streaming, slowness, early ends. */
class BodiesTest {
    private static final String HOST = "Host: a.test\r\n";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static RawBackend echo() throws IOException {
        return new RawBackend(c -> {
            for (String head; (head = c.readHead()) != null; ) {
                c.send(RawBackend.ok(Wire.body(head, c.in, false)));
            }
        });
    }

    @Test
    void lengths_and_chunks_arrive_whole() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(echo());
                RawClient client = proxy.client()) {
            String body = "0123456789".repeat(500);
            client.send(
                    "POST / HTTP/1.1\r\n"
                            + HOST
                            + "Content-Length: "
                            + body.length()
                            + "\r\n\r\n"
                            + body);
            assertEquals(body, client.response().body());
            client.send(
                    "POST / HTTP/1.1\r\n"
                            + HOST
                            + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n");
            assertEquals("helloabcdefghijklmnopqrstuvwxyz", client.response().body());
            client.send(
                    "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
            assertEquals("", client.response().body());
            assertTrue(proxy.lastFinished(1).requestBytes() > body.length());
            assertEquals(1, proxy.backends.getFirst().connections.get());
        }
    }

    @Test
    void chunked_and_unbounded_responses_become_chunked_or_end_with_the_connection()
            throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        if (head.startsWith("GET /chunked")) {
                            c.send(
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n");
                        } else if (head.startsWith("GET /empty")) {
                            c.send(
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
                        } else {
                            c.send("HTTP/1.0 200 OK\r\n\r\nuntil close");
                            return;
                        }
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            RawClient.Response chunked = client.get("/chunked").response();
            assertEquals("chunked", chunked.field("Transfer-Encoding"));
            assertEquals("abcde", chunked.body());
            assertEquals("", client.get("/empty").response().body());
            RawClient.Response close = client.get("/close").response();
            assertEquals("chunked", close.field("Transfer-Encoding"));
            assertEquals("until close", close.body());
            assertEquals("abcde", client.get("/chunked").response().body());
            for (String path : List.of("/chunked", "/close")) {
                RawClient.Response old = proxy.ask("GET " + path + " HTTP/1.0\r\n\r\n");
                assertNull(old.field("Transfer-Encoding"));
                assertEquals("close", old.field("Connection"));
                assertEquals(path.equals("/close") ? "until close" : "abcde", old.body());
            }
        }
    }

    @Test
    void head_and_bodiless_statuses_leave_the_connection_usable() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        c.send(
                                head.startsWith("HEAD")
                                        ? "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"
                                        : head.contains("/204")
                                                ? "HTTP/1.1 204 No Content\r\n\r\n"
                                                : head.contains("/304")
                                                        ? "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"
                                                        : RawBackend.ok("x"));
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.send("HEAD / HTTP/1.1\r\n" + HOST + "\r\n");
            assertEquals("999", client.response(true).field("Content-Length"));
            RawClient.Response none = client.get("/204").response();
            assertEquals(204, none.status());
            assertNull(none.field("Content-Length"));
            assertEquals("77", client.get("/304").response().field("Content-Length"));
            assertEquals("x", client.get("/").response().body());
            assertEquals(1, backend.connections.get());
        }
    }

    @Test
    void pipelined_requests_are_served_in_order() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(echo());
                RawClient client = proxy.client()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                String body = "body " + i;
                all.append("POST /").append(i).append(" HTTP/1.1\r\n").append(HOST);
                if (i % 3 == 0) {
                    all.append("Transfer-Encoding: chunked\r\n\r\n")
                            .append(Integer.toHexString(body.length()))
                            .append("\r\n")
                            .append(body)
                            .append("\r\n0\r\n\r\n");
                } else {
                    all.append("Content-Length: ")
                            .append(body.length())
                            .append("\r\n\r\n")
                            .append(body);
                }
            }
            client.send(all.toString());
            for (int i = 0; i < 50; i++) {
                assertEquals("body " + i, client.response().body());
            }
            assertEquals(1, proxy.backends.getFirst().connections.get());
        }
    }

    @Test
    void a_flood_of_pipelined_requests_answered_here_does_not_pile_up() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(echo());
                RawClient client = proxy.client()) {
            String one = "GET / HTTP/1.1\r\nHost: none.test\r\n\r\n";
            int count = 5000;
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            client.send(one.repeat(count));
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            for (int i = 0; i < count; i++) {
                assertEquals(404, client.response().status());
            }
        }
    }

    @Test
    void a_100_and_a_103_are_passed_on_but_not_to_old_clients() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        c.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
                        if (Wire.field(head, "Expect") != null) {
                            c.send("HTTP/1.1 100 Continue\r\n\r\n");
                        }
                        c.send(RawBackend.ok(Wire.body(head, c.in, false)));
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.send(
                    "POST / HTTP/1.1\r\n"
                            + HOST
                            + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            RawClient.Response hints = client.response();
            assertEquals(103, hints.status());
            assertEquals("</a>", hints.field("Link"));
            assertEquals(100, client.response().status());
            client.send("hello");
            assertEquals("hello", client.response().body());
            assertEquals(200, proxy.ask("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").status());
        }
    }

    @Test
    void a_refusal_instead_of_100_ends_the_connection() throws Exception {
        try (ProxyFixture proxy =
                        new ProxyFixture(
                                new RawBackend(c -> {
                                    while (c.readHead() != null) {
                                        c.send("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
                                    }
                                }));
                RawClient client = proxy.client()) {
            client.send(
                    "POST / HTTP/1.1\r\n"
                            + HOST
                            + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            RawClient.Response response = client.response();
            assertEquals(401, response.status());
            assertEquals("close", response.field("Connection"));
            assertTrue(client.closed());
        }
    }

    @Test
    void an_early_response_is_forwarded_and_a_short_rest_drained() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    while (c.readHead() != null) {
                        c.send(RawBackend.ok("early"));
                        pause(10_000);
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 10\r\n\r\n01234");
            assertEquals("early", client.response().body());
            client.send("56789");
            assertEquals("early", client.get("/").response().body());
            // the connection that still waited for the body's rest is not used again
            assertEquals(2, backend.connections.get());
        }
    }

    @Test
    void an_early_response_to_a_long_body_ends_the_connection() throws Exception {
        try (ProxyFixture proxy =
                        new ProxyFixture(
                                patient(),
                                TransportKind.EPOLL,
                                new RawBackend(c -> {
                                    while (c.readHead() != null) {
                                        c.send(RawBackend.ok("early"));
                                        pause(10_000);
                                    }
                                }));
                RawClient client = proxy.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1000000\r\n\r\n01234");
            assertEquals("early", client.response().body());
            assertTrue(client.closed());
            assertEquals(1, proxy.fired(Limit.BODY_DRAIN));
        }
    }

    /** So that only the length of the rest, not its time, ends a connection within a test. */
    private static ProxyLimits patient() {
        return Altered.with(ProxyLimits.DEFAULTS, "client.linger", Duration.ofSeconds(30));
    }

    @Test
    void both_directions_stream_at_once() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (int i = 0; i < 5; i++) {
                        String line = Wire.line(c.in);
                        String data = new String(c.in.readNBytes(Integer.parseInt(line, 16)));
                        Wire.line(c.in);
                        c.send(Integer.toHexString(data.length()) + "\r\n" + data + "\r\n");
                    }
                    Wire.line(c.in);
                    Wire.line(c.in);
                    c.send("0\r\n\r\n");
                    c.readHead();
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n");
            assertTrue(Wire.head(client.in).startsWith("HTTP/1.1 200"));
            for (int i = 0; i < 5; i++) {
                client.send("4\r\nabc" + i + "\r\n");
                assertEquals("4", Wire.line(client.in));
                assertEquals("abc" + i, Wire.line(client.in));
            }
            client.send("0\r\n\r\n");
            assertEquals("0", Wire.line(client.in));
        }
    }

    @Test
    void a_slow_client_slows_the_backend_down_and_gets_everything() throws Exception {
        long size = 64L << 20;
        AtomicLong sent = new AtomicLong();
        try (ProxyFixture proxy = new ProxyFixture(streaming(size, sent));
                RawClient client = RawClient.slow(proxy.address)) {
            client.get("/");
            long stuck = untilStuck(sent);
            assertTrue(stuck < size / 2, "the backend could send " + stuck);
            String head = Wire.head(client.in);
            assertEquals(Long.toString(size), Wire.field(head, "Content-Length"));
            client.in.skipNBytes(size);
            assertFalse(client.in.available() > 0);
            // the connection is back in the pool in working order
            client.get("/again");
            assertTrue(Wire.head(client.in).startsWith("HTTP/1.1 200"));
            client.in.skipNBytes(size);
            assertEquals(1, proxy.backends.getFirst().connections.get());
        }
    }

    @Test
    void a_slow_backend_slows_the_client_down_and_gets_everything() throws Exception {
        long size = 64L << 20;
        CountDownLatch read = new CountDownLatch(1);
        AtomicLong got = new AtomicLong();
        RawBackend backend =
                new RawBackend(c -> {
                    c.readHead();
                    await(read);
                    c.in.skipNBytes(size);
                    got.set(size);
                    c.send(RawBackend.ok("done"));
                    c.readHead();
                });
        AtomicLong sent = new AtomicLong();
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: " + size + "\r\n\r\n");
            Thread.ofVirtual().start(() -> pour(client, size, sent));
            long stuck = untilStuck(sent);
            assertTrue(stuck < size / 2, "the client could send " + stuck);
            read.countDown();
            assertEquals("done", client.response().body());
            assertEquals(size, got.get());
        }
    }

    @Test
    void a_slow_client_that_leaves_does_not_spoil_the_pool() throws Exception {
        AtomicLong sent = new AtomicLong();
        try (ProxyFixture proxy = new ProxyFixture(streaming(16 << 20, sent))) {
            for (int i = 0; i < 5; i++) {
                try (RawClient client = RawClient.slow(proxy.address)) {
                    client.get("/" + i);
                    untilStuck(sent);
                    client.socket.setSoLinger(true, 0);
                }
                int count = i + 1;
                proxy.eventually(
                        "the exchange ended", () -> proxy.finished.size() == count * 2 - 1);
                try (RawClient client = proxy.client()) {
                    client.get("/whole");
                    Wire.head(client.in);
                    client.in.skipNBytes(16 << 20);
                }
                proxy.eventually("and the next", () -> proxy.finished.size() == count * 2);
            }
            assertEquals("client-left", proxy.finished.getFirst().reason());
            assertEquals(0, proxy.backends.getFirst().fixture.endpoint.inFlight());
            proxy.eventually("nothing is active", () -> proxy.server.upstreamActive() == 0);
            proxy.eventually("all clients are gone", () -> proxy.server.clientConnections() == 0);
        }
    }

    @Test
    void a_backend_that_dies_in_the_middle_is_not_taken_for_complete() throws Exception {
        try (ProxyFixture proxy =
                new ProxyFixture(
                        new RawBackend(c -> {
                            String head = c.readHead();
                            if (head.contains("/length")) {
                                c.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                            } else {
                                c.send(
                                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
                            }
                        }))) {
            for (String path : List.of("/length", "/chunked")) {
                try (RawClient client = proxy.client()) {
                    client.get(path);
                    assertThrows(IOException.class, client::response);
                }
            }
            assertEquals("upstream-broken", proxy.lastFinished(1).reason());
        }
    }

    /** A chunk of one byte costs no write of its own on the other side; the bytes are the same. */
    @ParameterizedTest
    @ValueSource(strings = {"", ";x=1"})
    void small_chunks_that_come_together_go_on_together(String extension) throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        try (ProxyFixture proxy =
                new ProxyFixture(
                        new RawBackend(c -> {
                            String head = c.readHead();
                            int chunks = 0;
                            StringBuilder all = new StringBuilder();
                            for (int size = c.chunk(all); size > 0; size = c.chunk(all)) {
                                chunks++;
                            }
                            seen.set(all.toString());
                            c.send(RawBackend.ok("" + chunks));
                        }))) {
            StringBuilder body = new StringBuilder();
            StringBuilder wire = new StringBuilder();
            for (int i = 0; i < 400; i++) {
                String data = "" + (char) ('a' + i % 26) + (i % 7 == 0 ? "z".repeat(i) : "");
                body.append(data);
                wire.append(Integer.toHexString(data.length())).append(extension + "\r\n");
                wire.append(data).append("\r\n");
            }
            RawClient.Response response =
                    proxy.ask(
                            "POST / HTTP/1.1\r\n"
                                    + HOST
                                    + "Transfer-Encoding: chunked\r\n\r\n"
                                    + wire
                                    + "0\r\n\r\n");
            assertEquals(body.toString(), seen.get());
            assertTrue(Integer.parseInt(response.body()) < 150, response.body() + " chunks");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000000001\r\nx\r\n",
                "1 \r\nx\r\n",
                "1\nx\r\n",
                "1\r x\r\n",
                "1\r\nxy\r\n",
                "1\r\nx\n",
                "1\r\nx\r ",
                "-1\r\nx\r\n",
                "\r\nx\r\n"
            })
    void a_wrong_chunk_among_small_ones_is_refused(String wrong) throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("no")))) {
            String small = "1\r\nx\r\n".repeat(100);
            RawClient.Response response =
                    proxy.ask(
                            "POST / HTTP/1.1\r\n"
                                    + HOST
                                    + "Transfer-Encoding: chunked\r\n\r\n"
                                    + small
                                    + wrong
                                    + small
                                    + "0\r\n\r\n");
            assertEquals(400, response.status());
        }
    }

    @Test
    void the_body_limit_holds_for_declared_and_for_chunked_bodies() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        try (ProxyFixture proxy =
                new ProxyFixture(
                        new RawBackend(c -> {
                            while (c.readRequest() instanceof String request) {
                                seen.set(request);
                                c.send(RawBackend.ok("ok"));
                            }
                        }))) {
            proxy.bodyLimit = 10;
            RawClient.Response declared =
                    proxy.ask(
                            "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 11\r\n\r\n0123456789x");
            assertEquals(413, declared.status());
            assertEquals("", seen.get());
            assertEquals(
                    200,
                    proxy.ask("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 10\r\n\r\n0123456789")
                            .status());
            try (RawClient client = proxy.client()) {
                client.send(
                        "POST / HTTP/1.1\r\n"
                                + HOST
                                + "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n");
                assertEquals(413, client.response().status());
                assertTrue(client.closed());
            }
            assertEquals("body-too-large", proxy.lastFinished(3).reason());
            assertEquals(2, proxy.fired(Limit.BODY_SIZE));
        }
    }

    private static RawBackend streaming(long size, AtomicLong sent) throws IOException {
        return new RawBackend(c -> {
            byte[] block = new byte[64 * 1024];
            while (c.readHead() != null) {
                c.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                for (long left = size; left > 0; left -= block.length) {
                    c.out.write(block);
                    sent.addAndGet(block.length);
                }
            }
        });
    }

    private static void pour(RawClient client, long size, AtomicLong sent) {
        byte[] block = new byte[64 * 1024];
        try {
            for (long left = size; left > 0; left -= block.length) {
                client.out.write(block);
                sent.addAndGet(block.length);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where it stands still. */
    private static long untilStuck(AtomicLong sent) {
        long last = -1;
        while (sent.get() == 0 || sent.get() != last) {
            last = sent.get();
            pause(150);
        }
        return last;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
