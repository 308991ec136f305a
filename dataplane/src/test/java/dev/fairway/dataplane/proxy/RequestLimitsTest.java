package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.Altered;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bounds of what an HTTP/1 client sends, and the names they are counted by. */
class RequestLimitsTest {
    private static final String POST = "POST / HTTP/1.1\r\nHost: a.test\r\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: a.test\r\n";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static ProxyFixture proxy() throws IOException {
        ProxyLimits limits =
                Altered.with(
                        ProxyLimits.DEFAULTS,
                        "client.bodyGrace",
                        Duration.ofMillis(200),
                        "client.bodyTime",
                        Duration.ofMillis(800),
                        "client.linger",
                        Duration.ofMillis(300));
        return new ProxyFixture(
                limits, TransportKind.EPOLL, RawBackend.answering(RawBackend.ok("ok")));
    }

    @Test
    void a_head_is_bounded_in_its_lines_in_all_and_in_the_number_of_its_fields() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            assertEquals(200, proxy.ask(GET + "X: y\r\n".repeat(99) + "\r\n").status());
            assertEquals(200, proxy.ask(GET + field(8_192) + "\r\n").status());
            assertEquals(0, proxy.fired(Limit.HEAD_SIZE));
            assertEquals(431, proxy.ask(GET + "X: y\r\n".repeat(100) + "\r\n").status());
            assertEquals(431, proxy.ask(GET + field(8_193) + "\r\n").status());
            assertEquals(431, proxy.ask(GET + field(8_000).repeat(5) + "\r\n").status());
            String line = "GET /" + "p".repeat(8_192) + " HTTP/1.1\r\n";
            assertEquals(414, proxy.ask(line + "Host: a.test\r\n\r\n").status());
            assertEquals(4, proxy.fired(Limit.HEAD_SIZE));
        }
    }

    /** A line of so many bytes before its end. */
    private static String field(int size) {
        return "X: " + "y".repeat(size - 3) + "\r\n";
    }

    @Test
    void a_body_that_lasts_long_has_to_come_faster_unless_its_route_has_no_limit()
            throws Exception {
        try (ProxyFixture proxy = proxy()) {
            proxy.bodyLimit = 100 << 20;
            assertEquals(408, upload(proxy, 1_000, 60));
            assertEquals(1, proxy.fired(Limit.BODY_TIME));
            assertEquals(200, upload(proxy, 100_000, 30));
            proxy.bodyLimit = Long.MAX_VALUE;
            assertEquals(200, upload(proxy, 1_000, 30));
            assertEquals(1, proxy.fired(Limit.BODY_TIME));
        }
    }

    /** The status of an upload in so many pieces of so many bytes, 50 ms apart. */
    private static int upload(ProxyFixture proxy, int size, int pieces) throws Exception {
        try (RawClient client = proxy.client()) {
            client.send(POST + "Content-Length: " + (long) size * pieces + "\r\n\r\n");
            try {
                for (int i = 0; i < pieces; i++) {
                    client.send("x".repeat(size));
                    Thread.sleep(50);
                }
            } catch (IOException e) {
                // refused in its middle
            }
            return client.response().status();
        }
    }

    @Test
    void chunks_that_carry_more_besides_data_than_data_needs_are_400() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            String chunk = "1;e=" + "x".repeat(200) + "\r\nx\r\n";
            String head = POST + "Transfer-Encoding: chunked\r\n\r\n";
            assertEquals(200, proxy.ask(head + chunk.repeat(50) + "0\r\n\r\n").status());
            assertEquals(0, proxy.fired(Limit.CHUNK_OVERHEAD));
            assertEquals(400, proxy.ask(head + chunk.repeat(200)).status());
            assertEquals(1, proxy.fired(Limit.CHUNK_OVERHEAD));
        }
    }

    @Test
    void a_body_too_large_to_be_sent_again_is_told_of() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            for (int size : new int[] {64 * 1024, 64 * 1024 + 1}) {
                String head = "PUT" + POST.substring(4) + "Content-Length: " + size + "\r\n\r\n";
                assertEquals(200, proxy.ask(head + "x".repeat(size)).status());
                assertEquals(size - 64 * 1024, proxy.fired(Limit.REPLAY_SIZE));
            }
        }
    }

    @Test
    void pipelined_requests_are_read_no_further_than_they_are_held() throws Exception {
        try (ProxyFixture proxy = proxy();
                RawClient client = proxy.client()) {
            proxy.backends
                    .getFirst()
                    .script(c -> {
                        c.readRequest();
                        proxy.eventually("it is full", () -> proxy.fired(Limit.BUFFER) == 1);
                        c.send(RawBackend.ok("first"));
                        while (c.readRequest() != null) {
                            c.send(RawBackend.ok("next"));
                        }
                    });
            client.send(GET + "\r\n");
            String next = GET + field(7_000) + "\r\n";
            client.send(next.repeat(12));
            assertEquals("first", client.response().body());
            for (int i = 0; i < 12; i++) {
                assertEquals("next", client.response().body());
            }
        }
    }

    @Test
    void a_client_that_does_not_take_the_end_is_cut() throws Exception {
        try (ProxyFixture proxy = proxy();
                RawClient client = proxy.client()) {
            assertEquals(400, client.send("GET / HTTP/1.1\r\n\r\n").response().status());
            assertTrue(client.closed());
            proxy.eventually("it is cut", () -> proxy.fired(Limit.LINGER) == 1);
            proxy.eventually("and gone", () -> proxy.server.clientConnections() == 0);
        }
    }

    @Test
    void without_keep_alive_each_answer_says_so_and_is_its_connection_s_last() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            proxy.settings = Altered.with(proxy.settings, "keepAlive", Duration.ZERO);
            try (RawClient client = proxy.client()) {
                Thread.sleep(200);
                assertEquals("close", client.get("/").response().field("Connection"));
                assertTrue(client.closed());
            }
            try (Http2Client client = new Http2Client(proxy.address).begin()) {
                Thread.sleep(200);
                assertEquals(200, client.ask(1, "/").response(1).status);
                assertEquals(0, client.end());
            }
        }
    }
}
