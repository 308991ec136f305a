package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.contract.Settings;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.policy.Decision;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** gRPC through the proxy: a client by HTTP/2, a backend by HTTP/2, both scripted frame by frame. */
class GrpcTest {
    private static final int STREAMS = 3;

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    /** A client's connection. */
    private static final class Client implements AutoCloseable {
        final Socket socket;
        final Http2Peer peer;

        Client(ProxyFixture proxy) throws IOException {
            socket = new Socket(proxy.address.getAddress(), proxy.address.getPort());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes());
            peer =
                    new Http2Peer(
                            new BufferedInputStream(socket.getInputStream()),
                            socket.getOutputStream());
            peer.settings();
        }

        void call(int stream, boolean ends, String host, String... more) throws IOException {
            String[] fields = {
                ":method",
                "POST",
                ":scheme",
                "http",
                ":path",
                "/pkg.Service/Call",
                ":authority",
                host,
                "content-type",
                "application/grpc+proto",
                "te",
                "trailers"
            };
            String[] all = java.util.Arrays.copyOf(fields, fields.length + more.length);
            System.arraycopy(more, 0, all, fields.length, more.length);
            peer.headers(stream, ends, all);
        }

        /** A call's error of ours: one head, which ends the stream. */
        String error() throws IOException {
            Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
            assertTrue(head.ends(), "trailers only");
            return peer.response(head);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void messages_cross_over_one_by_one_both_ways_and_the_status_follows() throws Exception {
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    while (true) {
                        Http2Peer.Frame frame = peer.message();
                        if (frame.type() == Http2Peer.HEADERS) {
                            heads.add(peer.request(frame));
                            peer.headers(
                                    frame.stream(),
                                    false,
                                    ":status",
                                    "200",
                                    "content-type",
                                    "application/grpc");
                        } else if (frame.ends()) {
                            peer.headers(
                                    frame.stream(),
                                    true,
                                    "grpc-status",
                                    "0",
                                    "x-cost",
                                    "7",
                                    "content-length",
                                    "9",
                                    "set-cookie",
                                    "a=b");
                        } else {
                            peer.data(frame.stream(), false, "re:" + frame.text());
                        }
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                Client client = new Client(proxy)) {
            client.call(1, false, "a.test", "grpc-timeout", "5S");
            assertTrue(client.peer.response(client.peer.message()).startsWith("200"));
            for (int i = 0; i < 5; i++) {
                client.peer.data(1, false, "m" + i);
                assertEquals("re:m" + i, client.peer.message().text());
            }
            client.peer.data(1, true, "");
            Http2Peer.Frame last = client.peer.message();
            assertTrue(last.ends());
            assertEquals("grpc-status: 0\r\nx-cost: 7\r\n\r\n", client.peer.trailers(last));
            String head = heads.poll(1, TimeUnit.SECONDS);
            assertTrue(head.contains("te: trailers\r\n"), head);
            assertTrue(head.contains("grpc-timeout: 5S\r\n"), head);
            assertTrue(head.contains("application/grpc+proto"), head);
            assertFalse(head.contains("transfer-encoding"), head);
            assertEquals(0, proxy.lastFinished(1).grpcStatus());
        }
    }

    @Test
    void a_status_without_messages_stays_one_head() throws Exception {
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    Http2Peer.Frame frame = peer.next(Http2Peer.HEADERS);
                    peer.headers(frame.stream(), true, ":status", "200", "grpc-status", "5");
                    peer.next(Http2Peer.HEADERS);
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                Client client = new Client(proxy)) {
            client.call(1, true, "a.test");
            String head = client.error();
            assertTrue(head.startsWith("200") && head.contains("grpc-status: 5\r\n"), head);
            assertEquals(5, proxy.lastFinished(1).grpcStatus());
        }
    }

    @Test
    void our_own_errors_are_statuses_of_grpc() throws Exception {
        RawBackend gone = Http2Peer.backend(peer -> {});
        gone.close();
        try (ProxyFixture proxy = Http2Peer.proxy(gone);
                Client client = new Client(proxy)) {
            client.call(1, true, "none.test");
            String head = client.error();
            assertTrue(head.startsWith("200"), head);
            assertTrue(head.contains("content-type: application/grpc\r\n"), head);
            assertTrue(head.contains("grpc-status: 12\r\n"), head);
            assertTrue(head.contains("grpc-message: Nothing is served here.\r\n"), head);
            client.call(3, true, "a.test");
            assertTrue(client.error().contains("grpc-status: 14\r\n"));
            int stream = 5;
            for (int[] row :
                    new int[][] {
                        {400, 13}, {401, 16}, {403, 7}, {404, 12}, {413, 8}, {429, 14}, {503, 14},
                        {504, 14}, {500, 13}, {418, 2}
                    }) {
                proxy.admit = context -> new Decision.Respond(Answer.of(row[0], "100 % so", "x"));
                client.call(stream, true, "a.test");
                String answer = client.error();
                assertTrue(answer.contains("grpc-status: " + row[1] + "\r\n"), answer);
                assertTrue(answer.contains("grpc-message: 100 %25 so\r\n"), answer);
                stream += 2;
            }
            assertEquals(404, proxy.lastFinished(1).status(), "the log keeps the reason's status");
            assertEquals(12, proxy.lastFinished(1).grpcStatus());
            assertEquals(14, proxy.lastFinished(2).grpcStatus());
        }
    }

    @Test
    void the_call_s_deadline_ends_it_before_and_after_its_response_began() throws Exception {
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    while (true) {
                        Http2Peer.Frame frame = peer.message();
                        if (frame.type() == Http2Peer.HEADERS && frame.stream() > 1) {
                            peer.headers(frame.stream(), false, ":status", "200");
                        }
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                Client client = new Client(proxy)) {
            long began = System.nanoTime();
            client.call(1, true, "a.test", "grpc-timeout", "200m");
            assertTrue(client.error().contains("grpc-status: 4\r\n"));
            assertTrue(System.nanoTime() - began >= 200_000_000);
            client.call(3, true, "a.test", "grpc-timeout", "300000u");
            assertTrue(client.peer.response(client.peer.message()).startsWith("200"));
            Http2Peer.Frame last = client.peer.message();
            assertTrue(client.peer.trailers(last).startsWith("grpc-status: 4\r\n"));
            assertEquals(2, proxy.fired(Limit.CALL_DEADLINE));
            assertEquals("grpc-deadline", proxy.lastFinished(2).reason());
            assertEquals(4, proxy.lastFinished(1).grpcStatus());
            assertEquals(4, proxy.lastFinished(2).grpcStatus());
        }
    }

    @Test
    void a_call_that_breaks_off_ends_with_a_status() throws Exception {
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    Http2Peer.Frame frame = peer.next(Http2Peer.HEADERS);
                    peer.headers(frame.stream(), false, ":status", "200");
                    peer.data(frame.stream(), false, "half");
                    peer.reset(frame.stream(), 2);
                    peer.next(Http2Peer.HEADERS);
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                Client client = new Client(proxy)) {
            client.call(1, true, "a.test");
            assertTrue(client.peer.response(client.peer.message()).startsWith("200"));
            assertEquals("half", client.peer.message().text());
            Http2Peer.Frame last = client.peer.message();
            assertTrue(last.ends() && last.type() == Http2Peer.HEADERS);
            assertTrue(client.peer.trailers(last).startsWith("grpc-status: 14\r\n"));
            assertEquals(14, proxy.lastFinished(1).grpcStatus());
        }
    }

    @Test
    void messages_beyond_the_body_limit_exhaust_a_resource() throws Exception {
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    while (true) {
                        peer.message();
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                Client client = new Client(proxy)) {
            proxy.bodyLimit = 10;
            client.call(1, false, "a.test");
            client.peer.data(1, false, "0123456789");
            client.peer.data(1, false, "x");
            assertTrue(client.error().contains("grpc-status: 8\r\n"));
        }
    }

    @Test
    void a_call_refused_by_the_backend_moves_with_its_messages() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        RawBackend backend =
                Http2Peer.backend(peer -> {
                    while (true) {
                        Http2Peer.Frame frame = peer.message();
                        if (frame.type() == Http2Peer.HEADERS) {
                            if (asked.incrementAndGet() == 1) {
                                peer.message();
                                peer.reset(frame.stream(), Http2Peer.REFUSED_STREAM);
                                continue;
                            }
                            peer.headers(frame.stream(), false, ":status", "200");
                        } else if (frame.type() == Http2Peer.DATA && asked.get() == 2) {
                            peer.data(frame.stream(), frame.ends(), frame.text());
                        }
                    }
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend);
                Client client = new Client(proxy)) {
            proxy.retryOn = List.of(Retry.On.ERROR);
            client.call(1, false, "a.test");
            client.peer.data(1, false, "kept");
            assertTrue(client.peer.response(client.peer.message()).startsWith("200"));
            assertEquals("kept", client.peer.message().text());
            assertEquals(2, asked.get());
        }
    }

    @Test
    void a_thousand_calls_at_once_share_a_few_connections() throws Exception {
        RawBackend backend =
                Http2Peer.backend(
                        peer -> {
                            Set<Integer> open = new HashSet<>();
                            while (true) {
                                Http2Peer.Frame frame = peer.message();
                                if (frame.type() == Http2Peer.HEADERS) {
                                    open.add(frame.stream());
                                    assertTrue(open.size() <= 100, "too many streams");
                                    peer.headers(frame.stream(), false, ":status", "200");
                                } else if (frame.ends()) {
                                    open.remove(frame.stream());
                                    peer.headers(frame.stream(), true, "grpc-status", "0");
                                }
                            }
                        },
                        STREAMS,
                        100);
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            Client[] clients = new Client[10];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = new Client(proxy);
                for (int k = 0; k < 100; k++) {
                    clients[i].call(2 * k + 1, false, "a.test");
                }
            }
            for (Client client : clients) {
                for (int k = 0; k < 100; k++) {
                    Http2Peer.Frame head = client.peer.message();
                    assertTrue(client.peer.response(head).startsWith("200"));
                }
            }
            assertEquals(10, backend.connections.get());
            for (Client client : clients) {
                for (int k = 0; k < 100; k++) {
                    client.peer.data(2 * k + 1, true, "");
                }
                for (int k = 0; k < 100; k++) {
                    assertTrue(client.peer.message().ends());
                }
            }
            proxy.eventually("none is active", () -> proxy.server.upstreamActive() == 0);
            assertEquals(1000, proxy.finished.size());
            for (Client client : clients) {
                client.close();
            }
        }
    }

    /** ConfigMap {@code use-http2: "false"}. */
    @Test
    void where_http2_is_turned_off_a_preface_is_refused_and_http1_served() throws Exception {
        RawBackend backend =
                Http2Peer.answering((peer, head) -> {
                    peer.headers(head.stream(), true, ":status", "200");
                });
        try (ProxyFixture proxy = Http2Peer.proxy(backend)) {
            proxy.settings =
                    Altered.with(
                            proxy.settings, "http2", Optional.of(new Settings.Http2(false, 100)));
            try (RawClient client = proxy.client()) {
                client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
                RawClient.Response refused = client.response();
                assertTrue(refused.status() >= 400, refused.head());
                assertEquals(-1, client.in.read());
            }
            assertEquals(200, proxy.get("/").status());
            assertEquals(1, backend.connections.get());
        }
    }

    @Test
    void timeouts_of_grpc_are_read_as_written() {
        assertEquals(1_000_000L, CallDeadline.nanos("1m"));
        assertEquals(7_200_000_000_000L, CallDeadline.nanos("2H"));
        assertTrue(CallDeadline.nanos("99999999H") > Long.MAX_VALUE / 2, "longer than time");
        for (String bad : List.of("", "m", "1", "123456789m", "-1m", "1 m", "1x", "1.5S")) {
            assertEquals(-1, CallDeadline.nanos(bad), bad);
        }
    }
}
