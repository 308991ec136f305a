package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.dataplane.Altered;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each bound of connections to backends, and the name it is counted by. */
class UpstreamLimitsTest {

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static ProxyFixture proxy(long idleMillis, int kept, RawBackend... backends)
            throws IOException {
        ProxyLimits limits =
                Altered.with(
                        ProxyLimits.DEFAULTS,
                        "upstream.idle",
                        Duration.ofMillis(idleMillis),
                        "upstream.idlePerEndpoint",
                        kept);
        return new ProxyFixture(limits, TransportKind.EPOLL, backends);
    }

    @Test
    void an_unused_connection_goes_when_its_time_is_over() throws Exception {
        try (ProxyFixture proxy = proxy(300, 10, RawBackend.answering(RawBackend.ok("ok")))) {
            assertEquals(200, proxy.get("/").status());
            proxy.eventually("one is kept", () -> proxy.server.upstreamIdle() == 1);
            assertEquals(0, proxy.fired(Limit.UPSTREAM_IDLE));
            proxy.eventually("it is old", () -> proxy.server.upstreamIdle() == 0);
            assertEquals(1, proxy.fired(Limit.UPSTREAM_IDLE));
        }
    }

    @Test
    void no_more_than_so_many_are_kept() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        RawBackend backend =
                new RawBackend(c -> {
                    while (c.readRequest() != null) {
                        both.countDown();
                        try {
                            both.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                        c.send(RawBackend.ok("ok"));
                    }
                });
        try (ProxyFixture proxy = proxy(4_000, 1, backend);
                RawClient one = proxy.client();
                RawClient two = proxy.client()) {
            one.get("/");
            two.get("/");
            assertEquals(200, one.response().status());
            assertEquals(200, two.response().status());
            proxy.eventually("both are back", () -> proxy.server.upstreamActive() == 0);
            assertEquals(1, proxy.server.upstreamIdle());
            assertEquals(1, proxy.fired(Limit.UPSTREAM_POOL_SIZE));
        }
    }

    @Test
    void a_response_head_beyond_its_limits_is_502() throws Exception {
        String start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
        List<String> heads =
                List.of(
                        start + "X: y\r\n".repeat(200) + "\r\n",
                        start + "X: " + "y".repeat(16 * 1024) + "\r\n\r\n",
                        start + ("X: " + "y".repeat(9_000) + "\r\n").repeat(8) + "\r\n",
                        "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100) + start + "\r\n");
        for (String head : heads) {
            try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(head))) {
                assertEquals(502, last(proxy));
                assertEquals("bad-response", proxy.lastFinished(1).reason());
                assertTrue(proxy.fired(Limit.UPSTREAM_HEAD_SIZE) >= 1, head.substring(0, 40));
            }
        }
        String most = start + "X: y\r\n".repeat(199) + "\r\n";
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(most))) {
            assertEquals(200, proxy.get("/").status());
            assertEquals(0, proxy.fired(Limit.UPSTREAM_HEAD_SIZE));
        }
    }

    /** The status behind any that are not final. */
    private static int last(ProxyFixture proxy) throws IOException {
        try (RawClient client = proxy.client().get("/")) {
            int status = client.response().status();
            while (status < 200) {
                status = client.response().status();
            }
            return status;
        }
    }

    @Test
    void the_rest_of_a_response_that_nobody_wants_is_read_only_when_it_is_short() throws Exception {
        for (int size : new int[] {1_000, 1_000_000}) {
            RawBackend failing =
                    RawBackend.answering(
                            "HTTP/1.1 500 Oops\r\nContent-Length: "
                                    + size
                                    + "\r\n\r\n"
                                    + "x".repeat(size));
            try (ProxyFixture proxy =
                    new ProxyFixture(failing, RawBackend.answering(RawBackend.ok("ok")))) {
                proxy.retryOn = List.of(Retry.On.HTTP_500);
                assertEquals("ok", proxy.get("/").body());
                proxy.eventually("all is back", () -> proxy.server.upstreamActive() == 0);
                assertEquals(size == 1_000 ? 2 : 1, proxy.server.upstreamIdle());
                assertEquals(size == 1_000 ? 0 : 1, proxy.fired(Limit.UPSTREAM_DRAIN));
            }
        }
    }

    // HTTP/2.

    @Test
    void a_backend_s_frames_that_carry_nothing_are_bounded() throws Exception {
        RawBackend flooding =
                Http2Peer.backend(peer -> {
                    Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                    for (int i = 0; i < 900; i++) {
                        peer.send(Http2Peer.PING, 0, 0, new byte[8]);
                    }
                    peer.headers(head.stream(), true, ":status", "204");
                    peer.next(Http2Peer.HEADERS);
                    for (int i = 0; i < 3_000; i++) {
                        peer.send(Http2Peer.PING, 0, 0, new byte[8]);
                    }
                    peer.read();
                });
        try (ProxyFixture proxy = Http2Peer.proxy(flooding)) {
            assertEquals(204, proxy.get("/").status());
            assertEquals(0, proxy.fired(Limit.UPSTREAM_CONTROL_FRAMES));
            assertEquals(502, proxy.get("/").status());
            assertEquals(1, proxy.fired(Limit.UPSTREAM_CONTROL_FRAMES));
        }
    }

    @Test
    void a_connection_whose_backend_resets_a_hundred_streams_takes_no_more() throws Exception {
        String post = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n";
        RawBackend resetting =
                Http2Peer.backend(peer -> {
                    while (true) {
                        peer.reset(peer.next(Http2Peer.HEADERS).stream(), 2);
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(resetting);
                RawClient client = proxy.client()) {
            for (int i = 0; i < 100; i++) {
                assertEquals(502, client.send(post).response().status());
            }
            assertEquals(0, proxy.fired(Limit.UPSTREAM_RESETS));
            assertEquals(1, resetting.connections.get());
            assertEquals(502, client.send(post).response().status());
            assertEquals(1, proxy.fired(Limit.UPSTREAM_RESETS));
            assertEquals(502, client.send(post).response().status());
            assertEquals(2, resetting.connections.get());
        }
    }

    @Test
    void a_response_head_beyond_its_limits_is_502_by_http2_too() throws Exception {
        RawBackend verbose =
                Http2Peer.backend(peer -> {
                    Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                    String[] fields = new String[2 + 2 * 201];
                    java.util.Arrays.fill(fields, "x");
                    fields[0] = ":status";
                    fields[1] = "200";
                    peer.headers(head.stream(), true, fields);
                    peer.next(Http2Peer.GO_AWAY);
                });
        try (ProxyFixture proxy = Http2Peer.proxy(verbose)) {
            assertEquals(502, proxy.get("/").status());
            assertEquals(1, proxy.fired(Limit.UPSTREAM_HEAD_SIZE));
        }
    }
}
