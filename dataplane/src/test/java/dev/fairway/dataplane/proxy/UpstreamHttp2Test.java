package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** HTTP/2 to backends, from HTTP/1 clients; the backend is scripted frame by frame. */
class UpstreamHttp2Test {
    private static final int MAX_STREAMS = 3;
    private static final int WINDOW = 4;
    private static final String HEAD = " HTTP/1.1\r\nHost: a.test\r\n";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    /** Answers every request with its body. */
    private static void echo(Http2Peer peer) throws IOException {
        while (true) {
            Http2Peer.Frame frame = peer.message();
            if (frame.type() == Http2Peer.HEADERS
                    && !peer.request(frame).contains("trailer-part")) {
                peer.headers(frame.stream(), false, ":status", "200", "x-from", "h2");
            }
            if (frame.type() == Http2Peer.DATA) {
                peer.windowUpdate(0, Math.max(1, frame.payload().length));
                peer.data(frame.stream(), frame.ends(), frame.text());
            } else if (frame.ends()) {
                peer.data(frame.stream(), true, "");
            }
        }
    }

    @Test
    void a_request_and_its_response_cross_over() throws Exception {
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        RawBackend backend =
                Http2Peer.answering((peer, head) -> {
                    heads.add(peer.request(head) + (head.ends() ? "ends" : "goes on"));
                    peer.headers(head.stream(), false, ":status", "200", "content-length", "5");
                    peer.data(head.stream(), false, "he");
                    peer.data(head.stream(), true, "llo");
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient client = proxy.client()) {
            client.send(
                    "GET /a?b=c"
                            + HEAD
                            + "X-One: 1\r\nConnection: x-two\r\nX-Two: 2\r\nTE: trailers\r\n\r\n");
            RawClient.Response response = client.response();
            assertEquals(200, response.status());
            assertEquals("hello", response.body());
            assertTrue(response.head().startsWith("HTTP/1.1 200 OK\r\n"), response.head());
            assertEquals("5", response.field("content-length"));
            String head = heads.poll(1, TimeUnit.SECONDS);
            assertTrue(head.startsWith("GEThttp"), head);
            assertTrue(head.contains("/a?b=c"), head);
            assertTrue(head.contains("a.test"), head);
            assertTrue(head.contains("x-one: 1\r\n"), head);
            assertTrue(head.contains("x-forwarded-for: 127.0.0.1\r\n"), head);
            assertFalse(head.toLowerCase().contains("x-two"), head);
            assertFalse(head.contains("connection"), head);
            assertTrue(head.endsWith("ends"), head);
            assertEquals("hello", client.get("/2").response().body());
            assertEquals(1, backend.connections.get());
            assertEquals(1, proxy.server.upstreamIdle());
        }
    }

    @Test
    void a_response_without_a_body_has_an_end_for_every_client() throws Exception {
        RawBackend backend =
                Http2Peer.answering((peer, head) -> {
                    peer.headers(head.stream(), true, ":status", "200");
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient client = proxy.client()) {
            assertEquals("", client.get("/").response().body());
            client.send("HEAD /" + HEAD + "\r\n");
            assertEquals(200, client.response(true).status());
            assertEquals("", client.get("/").response().body());
            assertEquals("", proxy.ask("GET / HTTP/1.0\r\n\r\n").body());
        }
    }

    @Test
    void bodies_of_any_framing_arrive_whole_through_small_windows() throws Exception {
        RawBackend backend = Http2Peer.backend(UpstreamHttp2Test::echo, WINDOW, 10);
        // windows are given back a little at a time
        backend.script(c -> {
            Http2Peer peer = new Http2Peer(c.in, c.out).accept(WINDOW, 10);
            while (true) {
                Http2Peer.Frame frame = peer.message();
                if (frame.type() == Http2Peer.HEADERS) {
                    peer.headers(frame.stream(), false, ":status", "200");
                } else if (frame.type() == Http2Peer.DATA) {
                    assertTrue(frame.payload().length <= 10);
                    if (!frame.ends() && frame.payload().length > 0) {
                        peer.windowUpdate(0, frame.payload().length);
                        peer.windowUpdate(frame.stream(), frame.payload().length);
                    }
                    peer.data(frame.stream(), frame.ends(), frame.text());
                }
            }
        });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient client = proxy.client()) {
            String body = "0123456789abc".repeat(100);
            client.send("POST /" + HEAD + "Content-Length: 1300\r\n\r\n" + body);
            assertEquals(body, client.response().body());
            client.send(
                    "POST /"
                            + HEAD
                            + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
            assertEquals("hello, world", client.response().body());
        }
    }

    @Test
    void many_requests_share_one_connection_and_one_more_is_made_when_it_is_full()
            throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        RawBackend backend =
                Http2Peer.backend(
                        peer -> {
                            List<Integer> streams = new ArrayList<>();
                            while (streams.size() < 2) {
                                streams.add(peer.next(Http2Peer.HEADERS).stream());
                                most.accumulateAndGet(open.incrementAndGet(), Math::max);
                            }
                            Wire.await(release);
                            for (int stream : streams) {
                                peer.headers(stream, true, ":status", "204");
                            }
                            peer.next(Http2Peer.HEADERS);
                        },
                        MAX_STREAMS,
                        2);
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(proxy.client().get("/" + i));
            }
            proxy.eventually("all four came", () -> open.get() == 4);
            assertEquals(2, backend.connections.get());
            release.countDown();
            for (RawClient client : clients) {
                assertEquals(204, client.response().status());
                client.close();
            }
            proxy.eventually("none is active", () -> proxy.server.upstreamActive() == 0);
            assertEquals(2, proxy.server.upstreamIdle());
        }
    }

    @Test
    void a_refused_stream_is_tried_again_whatever_the_method() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        RawBackend backend =
                Http2Peer.answering((peer, head) -> {
                    if (asked.incrementAndGet() == 1) {
                        peer.reset(head.stream(), Http2Peer.REFUSED_STREAM);
                    } else {
                        peer.respond(head, "ok");
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            String post = "POST /" + HEAD + "Content-Length: 2\r\nConnection: close\r\n\r\nhi";
            assertEquals("ok", proxy.ask(post).body());
            assertEquals(2, asked.get());
            assertEquals(1, backend.connections.get());
            assertTrue(
                    backend.fixture.results.stream().noneMatch(r -> r == Endpoint.Result.BROKEN),
                    backend.fixture.results.toString());
        }
    }

    @Test
    void a_backend_that_resets_every_stream_is_502_at_once() throws Exception {
        for (int code : new int[] {2, 11, 8, 0, Http2Peer.REFUSED_STREAM}) {
            AtomicInteger asked = new AtomicInteger();
            RawBackend backend =
                    Http2Peer.answering((peer, head) -> {
                        asked.incrementAndGet();
                        peer.reset(head.stream(), code);
                    });
            try (ProxyFixture proxy = Http2Peer.proxy(backend);
                    RawClient client = proxy.client()) {
                int requests = 150; // more than a connection may reset
                for (int i = 0; i < requests; i++) {
                    RawClient.Response response = client.get("/").response();
                    assertEquals(502, response.status(), "code " + code + ", request " + i);
                }
                int each = code == Http2Peer.REFUSED_STREAM ? 3 : 1;
                assertEquals(each * requests, asked.get(), "code " + code);
                assertEquals(0, proxy.fired(Limit.CONNECT_TIME));
            }
        }
    }

    @Test
    void a_request_whose_connection_died_goes_on_by_another_that_is_there() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        AtomicInteger died = new AtomicInteger();
        RawBackend backend =
                Http2Peer.backend(
                        peer -> {
                            Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                            both.countDown();
                            Wire.await(both);
                            peer.headers(head.stream(), true, ":status", "204");
                            while (true) {
                                head = peer.next(Http2Peer.HEADERS);
                                if (died.incrementAndGet() == 1) {
                                    return; // and so the connection is closed
                                }
                                peer.headers(head.stream(), true, ":status", "204");
                            }
                        },
                        MAX_STREAMS,
                        1);
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient first = proxy.client();
                RawClient second = proxy.client()) {
            first.get("/1");
            second.get("/2");
            assertEquals(204, first.response().status());
            assertEquals(204, second.response().status());
            assertEquals(2, backend.connections.get());
            assertEquals(204, first.get("/3").response().status());
            assertEquals(2, backend.connections.get());
            assertEquals(2, died.get());
        }
    }

    @Test
    void a_reset_after_the_request_was_taken_up_is_not_repeated() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        RawBackend backend =
                Http2Peer.answering((peer, head) -> {
                    asked.incrementAndGet();
                    peer.reset(head.stream(), 2);
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            assertEquals(
                    502,
                    proxy.ask("POST /" + HEAD + "Content-Length: 2\r\nConnection: close\r\n\r\nhi")
                            .status());
            assertEquals(1, asked.get());
        }
    }

    @Test
    void streams_beyond_a_goaway_move_and_those_within_it_finish() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    boolean first = connections.incrementAndGet() == 1;
                    Http2Peer.Frame one = peer.next(Http2Peer.HEADERS);
                    if (first) {
                        Http2Peer.Frame two = peer.next(Http2Peer.HEADERS);
                        peer.goAway(one.stream(), 0);
                        peer.respond(one, "stayed");
                        assertEquals(3, two.stream());
                        // closed by the proxy, since nothing is left
                        assertEquals(Http2Peer.GO_AWAY, peer.next(Http2Peer.GO_AWAY).type());
                    } else {
                        peer.respond(one, "moved");
                        peer.next(Http2Peer.HEADERS);
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient one = proxy.client();
                RawClient two = proxy.client()) {
            proxy.retryOn = List.of();
            one.get("/1");
            proxy.eventually("the first is there", () -> proxy.server.upstreamActive() == 1);
            Thread.sleep(100);
            two.send("POST /2" + HEAD + "Content-Length: 2\r\n\r\nhi");
            assertEquals("stayed", one.response().body());
            assertEquals("moved", two.response().body());
            assertEquals(2, backend.connections.get());
        }
    }

    @Test
    void a_slow_client_holds_up_its_own_stream_alone() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    Http2Peer.Frame slow = peer.next(Http2Peer.HEADERS);
                    peer.headers(slow.stream(), false, ":status", "200");
                    String piece = "x".repeat(16 * 1024);
                    int window = 64 * 1024;
                    while (sent.get() < 64 * 1024 * 1024) {
                        if (window < piece.length()) {
                            Http2Peer.Frame frame = peer.read();
                            if (frame.type() == Http2Peer.WINDOW_UPDATE
                                    && frame.stream() == slow.stream()) {
                                window += frame.number();
                            } else if (frame.type() == Http2Peer.HEADERS) {
                                peer.respond(frame, "quick");
                            } else if (frame.type() == Http2Peer.RESET) {
                                return;
                            }
                            continue;
                        }
                        peer.data(slow.stream(), false, piece);
                        sent.addAndGet(piece.length());
                        window -= piece.length();
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient slow = RawClient.slow(proxy.address);
                RawClient quick = proxy.client()) {
            slow.get("/slow");
            int[] last = {-1};
            proxy.eventually(
                    "the backend is held up",
                    () -> {
                        boolean same = sent.get() == last[0] && sent.get() > 0;
                        last[0] = sent.get();
                        try {
                            Thread.sleep(100);
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        return same;
                    });
            assertTrue(sent.get() < 8 * 1024 * 1024, "buffered " + sent.get());
            assertEquals("quick", quick.get("/quick").response().body());
        }
    }

    @Test
    void a_request_is_read_no_faster_than_the_backend_takes_it() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger got = new AtomicInteger();
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                    Wire.await(go);
                    while (true) {
                        Http2Peer.Frame frame = peer.message();
                        got.addAndGet(frame.payload().length);
                        if (frame.ends()) {
                            break;
                        }
                        peer.windowUpdate(0, frame.payload().length);
                        peer.windowUpdate(head.stream(), frame.payload().length);
                    }
                    peer.headers(head.stream(), true, ":status", "204");
                    peer.next(Http2Peer.HEADERS);
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient client = proxy.client()) {
            int size = 32 * 1024 * 1024;
            client.send("PUT /" + HEAD + "Content-Length: " + size + "\r\n\r\n");
            AtomicInteger written = new AtomicInteger();
            Thread.ofVirtual()
                    .start(() -> {
                        byte[] piece = new byte[64 * 1024];
                        try {
                            for (int i = 0; i < size; i += piece.length) {
                                client.out.write(piece);
                                written.addAndGet(piece.length);
                            }
                        } catch (IOException e) {
                            // the test tells
                        }
                    });
            Thread.sleep(500);
            int before = written.get();
            assertTrue(before < 16 * 1024 * 1024, "taken in: " + before);
            go.countDown();
            assertEquals(204, client.response().status());
            assertEquals(size, got.get());
        }
    }

    @Test
    void trailers_reach_a_client_that_takes_them() throws Exception {
        RawBackend backend =
                Http2Peer.answering((peer, head) -> {
                    assertTrue(peer.request(head).contains("te: trailers\r\n"));
                    peer.headers(head.stream(), false, ":status", "200");
                    peer.data(head.stream(), false, "abc");
                    peer.headers(
                            head.stream(), true, "grpc-status", "5", "x-other", "1", "host", "b");
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient client = proxy.client()) {
            client.send("GET /" + HEAD + "TE: trailers\r\nConnection: TE\r\n\r\n");
            Wire.head(client.in);
            assertEquals("3", Wire.line(client.in));
            assertEquals("abc", Wire.line(client.in));
            assertEquals("0", Wire.line(client.in));
            assertEquals("grpc-status: 5", Wire.line(client.in));
            assertEquals("", Wire.line(client.in));
        }
    }

    private interface Malformed {
        void answer(Http2Peer peer, int stream) throws IOException;
    }

    /** Answers the first request so, and the second well; tells over how many connections. */
    private static int malformed(Malformed answer) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        RawBackend backend =
                Http2Peer.answering((peer, head) -> {
                    if (asked.incrementAndGet() == 1) {
                        answer.answer(peer, head.stream());
                    } else {
                        peer.respond(head, "clean");
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient client = proxy.client()) {
            client.get("/first");
            try {
                assertEquals(502, client.response().status());
                assertEquals("bad-response", proxy.lastFinished(1).reason());
            } catch (IOException cut) {
                assertEquals("upstream-broken", proxy.lastFinished(1).reason());
            }
            try (RawClient next = proxy.client()) {
                assertEquals("clean", next.get("/second").response().body());
            }
            return backend.connections.get();
        }
    }

    @Test
    void what_is_wrong_with_a_response_ends_its_stream_alone() throws Exception {
        assertEquals(1, malformed((peer, id) -> peer.headers(id, true, "x", "no status")));
        assertEquals(1, malformed((peer, id) -> peer.headers(id, true, ":status", "20")));
        assertEquals(1, malformed((peer, id) -> peer.headers(id, true, ":status", "101")));
        assertEquals(1, malformed((peer, id) -> peer.headers(id, true, ":status", "103")));
        assertEquals(
                1, malformed((peer, id) -> peer.headers(id, true, ":status", "200", "Upper", "x")));
        assertEquals(
                1,
                malformed((peer, id) ->
                        peer.headers(id, true, ":status", "200", "connection", "close")));
        assertEquals(
                1,
                malformed((peer, id) -> peer.headers(id, true, ":status", "200", "x", "a\r\nb")));
        assertEquals(1, malformed((peer, id) -> peer.data(id, true, "no head")));
        assertEquals(
                1,
                malformed((peer, id) ->
                        peer.headers(id, true, ":status", "200", "content-length", "3")));
        assertEquals(
                1,
                malformed((peer, id) -> {
                    peer.headers(id, false, ":status", "200", "content-length", "3");
                    peer.data(id, true, "four");
                }));
        assertEquals(
                1,
                malformed((peer, id) -> {
                    peer.headers(id, false, ":status", "200", "content-length", "5");
                    peer.data(id, true, "four");
                }));
        assertEquals(
                1,
                malformed((peer, id) -> {
                    peer.headers(id, false, ":status", "200");
                    peer.headers(id, false, "x", "trailers without an end");
                }));
    }

    @Test
    void what_is_wrong_with_the_connection_ends_it_and_the_next_request_gets_another()
            throws Exception {
        assertEquals(2, malformed((peer, id) -> peer.send(1, 4, id, new byte[] {(byte) 0xff, 0})));
        assertEquals(2, malformed((peer, id) -> peer.headers(id + 2, true, ":status", "200")));
        assertEquals(2, malformed((peer, id) -> peer.headers(2, true, ":status", "200")));
        assertEquals(2, malformed((peer, id) -> peer.windowUpdate(0, 0)));
        assertEquals(2, malformed((peer, id) -> peer.windowUpdate(0, Integer.MAX_VALUE)));
        assertEquals(2, malformed((peer, id) -> peer.send(5, 4, id, new byte[8])));
        assertEquals(2, malformed((peer, id) -> peer.settings(WINDOW, -1)));
        assertEquals(
                2,
                malformed((peer, id) -> {
                    for (int i = 0; i < 2000; i++) {
                        peer.send(Http2Peer.PING, 0, 0, new byte[8]);
                    }
                }));
    }

    @Test
    void more_than_the_window_is_an_error_of_the_stream() throws Exception {
        BlockingQueue<Integer> resets = new LinkedBlockingQueue<>();
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    int stream = peer.next(Http2Peer.HEADERS).stream();
                    peer.headers(stream, false, ":status", "200");
                    Thread sender =
                            Thread.ofVirtual()
                                    .start(() -> {
                                        try {
                                            for (int i = 0; i < 4000; i++) {
                                                peer.send(0, 0, stream, new byte[16_384]);
                                            }
                                        } catch (IOException e) {
                                            // cut off, as it should be
                                        }
                                    });
                    Http2Peer.Frame reset = peer.next(Http2Peer.RESET);
                    resets.add(reset.number());
                    sender.interrupt();
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                RawClient slow = RawClient.slow(proxy.address)) {
            slow.get("/");
            assertEquals(3, resets.poll(5, TimeUnit.SECONDS));
        }
    }

    @Test
    void a_connection_silent_for_long_is_asked_before_it_is_used() throws Exception {
        AtomicInteger pings = new AtomicInteger();
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    while (true) {
                        Http2Peer.Frame frame = peer.read();
                        if (frame.type() == Http2Peer.PING) {
                            pings.incrementAndGet();
                            peer.send(Http2Peer.PING, Http2Peer.ACK, 0, frame.payload());
                        } else if (frame.type() == Http2Peer.HEADERS) {
                            peer.headers(frame.stream(), true, ":status", "204");
                        }
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            assertEquals(204, proxy.get("/").status());
            assertEquals(204, proxy.get("/").status());
            assertEquals(0, pings.get());
            Thread.sleep(UpstreamHttp2Limits.DEFAULTS.verifyAfter().plusMillis(200));
            assertEquals(204, proxy.get("/").status());
            assertEquals(1, pings.get());
            assertEquals(1, backend.connections.get());
        }
    }

    @Test
    void an_endpoint_that_drains_gets_no_new_stream_and_its_connection_ends_with_the_last()
            throws Exception {
        CountDownLatch finish = new CountDownLatch(1);
        CountDownLatch bye = new CountDownLatch(1);
        RawBackend leaving =
                Http2Peer.backend(peer -> {
                    Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                    peer.headers(head.stream(), false, ":status", "200", "content-length", "2");
                    Wire.await(finish);
                    peer.data(head.stream(), true, "ok");
                    peer.next(Http2Peer.GO_AWAY);
                    bye.countDown();
                });
        RawBackend other = Http2Peer.backend(UpstreamHttp2Test::echo);
        try (ProxyFixture proxy = Http2Peer.proxy(leaving, other);
                RawClient last = proxy.client();
                RawClient next = proxy.client()) {
            last.get("/last");
            proxy.eventually("it has its stream", () -> proxy.server.upstreamActive() == 1);
            leaving.fixture.state(Endpoint.State.DRAINING);
            proxy.backends.removeFirst();
            assertEquals("h2", next.get("/next").response().field("x-from"));
            finish.countDown();
            assertEquals("ok", last.response().body());
            assertTrue(bye.await(5, TimeUnit.SECONDS));
        } finally {
            leaving.close();
        }
    }

    @Test
    void a_backend_that_does_not_speak_http2_is_502_with_a_reason() throws Exception {
        RawBackend http1 =
                new RawBackend(c -> {
                    c.in.readNBytes(24);
                    c.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
                    c.in.read();
                });
        try (ProxyFixture proxy = Http2Peer.proxy(http1)) {
            assertEquals(502, proxy.get("/").status());
            assertEquals("upstream-not-http2", proxy.lastFinished(1).reason());
        }
    }

    @Test
    void a_connection_has_no_more_streams_than_the_limit_says() throws Exception {
        ProxyLimits one =
                Altered.with(
                        ProxyLimits.DEFAULTS,
                        "upstreamHttp2.streams",
                        1,
                        "upstreamHttp2.idle",
                        Duration.ofMillis(200));
        CountDownLatch both = new CountDownLatch(2);
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
                    both.countDown();
                    Wire.await(both);
                    peer.headers(head.stream(), true, ":status", "204");
                    peer.next(Http2Peer.GO_AWAY);
                });
        try (ProxyFixture proxy = new ProxyFixture(one, TransportKind.EPOLL, backend);
                RawClient first = proxy.client();
                RawClient second = proxy.client()) {
            proxy.transport = new Transport.Plain(Transport.Protocol.HTTP2);
            first.get("/1");
            second.get("/2");
            assertEquals(204, first.response().status());
            assertEquals(204, second.response().status());
            assertEquals(2, backend.connections.get());
            proxy.eventually("idle ones go early", () -> proxy.server.upstreamIdle() == 0);
        }
    }

    @Test
    void a_tunnel_to_a_backend_that_offers_none_is_502() throws Exception {
        try (ProxyFixture proxy = Http2Peer.proxy(Http2Peer.backend(UpstreamHttp2Test::echo))) {
            RawClient.Response answer =
                    proxy.ask("GET /" + HEAD + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertEquals(502, answer.status());
            assertEquals("upgrade-to-http2", proxy.lastFinished(1).reason());
            assertEquals(200, proxy.get("/").status());
            proxy.eventually("nothing is held", () -> proxy.server.upstreamActive() == 0);
        }
    }

    @Test
    void a_client_that_leaves_cancels_its_stream_and_no_other() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        AtomicInteger code = new AtomicInteger();
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    while (true) {
                        Http2Peer.Frame frame = peer.message();
                        if (frame.type() == Http2Peer.RESET) {
                            code.set(frame.number());
                            cancelled.countDown();
                        } else if (frame.stream() > 1) {
                            peer.headers(frame.stream(), true, ":status", "204");
                        }
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            RawClient leaving = proxy.client().get("/leaves");
            proxy.eventually("it is under way", () -> proxy.server.upstreamActive() == 1);
            Thread.sleep(200);
            leaving.close();
            assertTrue(cancelled.await(5, TimeUnit.SECONDS));
            assertEquals(8, code.get());
            assertEquals(204, proxy.get("/stays").status());
            assertEquals(1, backend.connections.get());
        }
    }

    @Test
    void silence_is_504_and_resets_the_stream() throws Exception {
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    while (true) {
                        peer.message();
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            proxy.timeouts =
                    new Timeouts(
                            Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofSeconds(1));
            assertEquals(504, proxy.get("/").status());
            assertEquals(1, proxy.fired(Limit.UPSTREAM_READ_IDLE));
        }
    }
}
