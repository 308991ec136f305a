package dev.fairway.dataplane.proxy;

import static dev.fairway.dataplane.proxy.Http2Client.ACK;
import static dev.fairway.dataplane.proxy.Http2Client.CONTINUATION;
import static dev.fairway.dataplane.proxy.Http2Client.END_HEADERS;
import static dev.fairway.dataplane.proxy.Http2Client.END_STREAM;
import static dev.fairway.dataplane.proxy.Http2Client.HEADERS;
import static dev.fairway.dataplane.proxy.Http2Client.PING;
import static dev.fairway.dataplane.proxy.Http2Client.PRIORITY;
import static dev.fairway.dataplane.proxy.Http2Client.RST_STREAM;
import static dev.fairway.dataplane.proxy.Http2Client.SETTINGS;
import static dev.fairway.dataplane.proxy.Http2Client.WINDOW_UPDATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http2.ErrorCode;
import dev.fairway.dataplane.policy.Decision;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each bound of an HTTP/2 client connection: what is just within it passes, and one more does not. */
class Http2LimitsTest {
    private static final int CALM = ErrorCode.ENHANCE_YOUR_CALM.code();
    private static final Http2Limits USUAL = Http2Limits.DEFAULTS;
    private static final Duration BRIEF = Duration.ofMillis(300);

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static Http2Limits timed(Duration settingsAck, Duration streamIdle) {
        return limits(USUAL.connectionWindow(), 1_000, 1_000, settingsAck, streamIdle);
    }

    private static Http2Limits limits(
            int connectionWindow,
            int controlFrames,
            int controlQueued,
            Duration settingsAck,
            Duration streamIdle) {
        return Altered.with(
                USUAL,
                "connectionWindow",
                connectionWindow,
                "controlFrames",
                controlFrames,
                "controlQueued",
                controlQueued,
                "settingsAck",
                settingsAck,
                "streamIdle",
                streamIdle);
    }

    private static ProxyLimits with(Http2Limits http2, int heldBytes) {
        return Altered.with(
                ProxyLimits.DEFAULTS,
                "client.head",
                new HeadLimits(8 * 1024, 32 * 1024, 100),
                "client.linger",
                BRIEF,
                "client.heldBytes",
                heldBytes,
                "http2",
                http2);
    }

    private static ProxyFixture proxy(ProxyLimits limits, RawBackend backend) throws IOException {
        return new ProxyFixture(limits, TransportKind.EPOLL, backend);
    }

    private static ProxyFixture proxy(Http2Limits limits) throws IOException {
        return proxy(with(limits, 64 * 1024), RawBackend.answering(RawBackend.ok("hello")));
    }

    private static ProxyFixture proxy() throws IOException {
        return proxy(USUAL);
    }

    private static Http2Client client(ProxyFixture proxy, int... settings) throws IOException {
        return new Http2Client(proxy.address).begin(settings);
    }

    private static void many(Http2Client client, int count, int type, int stream, int size)
            throws IOException {
        for (int i = 0; i < count; i++) {
            client.frame(type, 0, stream, new byte[size]);
        }
    }

    /** It is told to be calm, and that is counted under this name once. */
    private static void ends(ProxyFixture proxy, Http2Client client, Limit limit)
            throws IOException {
        assertEquals(CALM, client.end());
        assertEquals(1, proxy.fired(limit));
    }

    // Time.

    @Test
    void settings_that_nobody_acknowledges_end_the_connection() throws Exception {
        try (ProxyFixture proxy = proxy(timed(BRIEF, USUAL.streamIdle()))) {
            try (Http2Client client = client(proxy)) {
                client.frame(SETTINGS, ACK, 0, new byte[0]);
                Thread.sleep(700);
                assertTrue(client.alive());
            }
            try (Http2Client client = client(proxy)) {
                assertEquals(200, client.ask(1, "/").response(1).status);
                assertEquals(ErrorCode.SETTINGS_TIMEOUT.code(), client.end());
                assertEquals(1, proxy.fired(Limit.HTTP2_SETTINGS_TIME));
            }
        }
    }

    @Test
    void a_client_in_the_middle_of_a_body_may_not_have_heard_of_our_settings_yet()
            throws Exception {
        try (ProxyFixture proxy = proxy(timed(BRIEF, USUAL.streamIdle()));
                Http2Client client = client(proxy)) {
            client.post(1, "/", "content-length", "10");
            client.out.write(
                    Arrays.copyOf(
                            Http2Client.bytes(Http2Client.DATA, END_STREAM, 1, new byte[10]), 14));
            Thread.sleep(700);
            client.frame(SETTINGS, 0, 0, new byte[0]); // the frame's rest, in part
            assertEquals(-1, client.goAway);
            assertEquals(0, proxy.fired(Limit.HTTP2_SETTINGS_TIME));
        }
    }

    @Test
    void a_stream_on_which_nothing_happens_ends_unless_its_route_waits_longer() throws Exception {
        try (ProxyFixture proxy = proxy(timed(USUAL.settingsAck(), BRIEF))) {
            proxy.admit = context -> new Decision.Await(new CompletableFuture<>());
            proxy.timeouts = new Timeouts(BRIEF, Duration.ofSeconds(9), BRIEF);
            try (Http2Client client = client(proxy)) {
                client.ask(1, "/");
                Thread.sleep(800);
                assertTrue(client.alive());
                assertEquals(0, proxy.fired(Limit.HTTP2_STREAM_IDLE));
            }
            proxy.timeouts = new Timeouts(BRIEF, BRIEF, BRIEF);
            try (Http2Client client = client(proxy)) {
                client.ask(1, "/");
                assertEquals(ErrorCode.CANCEL.code(), client.reset(1));
                assertEquals(1, proxy.fired(Limit.HTTP2_STREAM_IDLE));
                assertTrue(client.alive());
            }
        }
    }

    @Test
    void a_connection_past_its_lifetime_is_told_to_leave() throws Exception {
        ProxyLimits brief = Altered.with(ProxyLimits.DEFAULTS, "entry.lifetime", BRIEF);
        try (ProxyFixture proxy = proxy(brief, RawBackend.answering(RawBackend.ok("hello")));
                Http2Client client = client(proxy)) {
            assertEquals(200, client.ask(1, "/").response(1).status);
            assertEquals(0, proxy.fired(Limit.CONNECTION_LIFETIME));
            Thread.sleep(350);
            assertEquals(200, client.ask(3, "/").response(3).status);
            assertEquals(0, client.end());
            assertEquals(1, proxy.fired(Limit.CONNECTION_LIFETIME));
        }
    }

    @Test
    void a_client_that_does_not_take_the_end_is_cut() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            many(client, 2, Http2Client.DATA, 0, 0);
            assertEquals(ErrorCode.PROTOCOL_ERROR.code(), client.end());
            assertEquals(1, proxy.fired(Limit.HTTP2_ERROR));
            proxy.eventually("it is cut", () -> proxy.fired(Limit.LINGER) == 1);
            proxy.eventually("and gone", () -> proxy.server.clientConnections() == 0);
        }
    }

    // Frames that carry nothing.

    @Test
    void pings_settings_and_resets_of_nothing_are_counted_together() throws Exception {
        try (ProxyFixture proxy = proxy()) {
            try (Http2Client client = client(proxy)) {
                many(client, 900, PING, 0, 8);
                assertTrue(client.alive());
                many(client, 400, PING, 0, 8);
                ends(proxy, client, Limit.HTTP2_CONTROL_FRAMES);
            }
        }
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            many(client, 90, SETTINGS, 0, 0);
            assertTrue(client.alive());
            many(client, 40, SETTINGS, 0, 0);
            ends(proxy, client, Limit.HTTP2_CONTROL_FRAMES);
        }
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            assertEquals(200, client.ask(1, "/").response(1).status);
            many(client, 900, RST_STREAM, 1, 4);
            assertTrue(client.alive());
            many(client, 400, RST_STREAM, 1, 4);
            ends(proxy, client, Limit.HTTP2_CONTROL_FRAMES);
        }
    }

    @Test
    void answers_that_a_client_does_not_take_do_not_pile_up() throws Exception {
        RawBackend endless =
                new RawBackend(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 200 OK\r\n\r\n");
                    while (true) {
                        c.send("x".repeat(10_000));
                    }
                });
        Http2Limits few = limits(1 << 20, 100_000, 20, USUAL.settingsAck(), USUAL.streamIdle());
        Socket slow = new Socket();
        slow.setReceiveBufferSize(4096);
        try (ProxyFixture proxy = proxy(with(few, 64 * 1024), endless)) {
            slow.connect(proxy.address);
            try (Http2Client client = new Http2Client(slow).begin(4, 1 << 30)) {
                client.number(WINDOW_UPDATE, 0, 1 << 30).ask(1, "/");
                Thread.sleep(500);
                many(client, 15, PING, 0, 8);
                Thread.sleep(100);
                assertEquals(0, proxy.fired(Limit.HTTP2_CONTROL_QUEUE));
                many(client, 40, PING, 0, 8);
                proxy.eventually("it ends", () -> proxy.fired(Limit.HTTP2_CONTROL_QUEUE) == 1);
                assertTrue(proxy.fired(Limit.BUFFER) > 0);
            }
        }
    }

    @Test
    void one_empty_frame_is_fine_and_two_in_a_row_are_not() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            client.post(1, "/");
            for (int i = 0; i < 50; i++) {
                client.data(1, "", false).data(1, "x", false);
            }
            assertTrue(client.alive());
            client.data(1, "", false).data(1, "", false);
            ends(proxy, client, Limit.HTTP2_EMPTY_FRAMES);
        }
    }

    @Test
    void a_hundred_priorities_are_fine_for_the_connection_and_for_each_stream() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            assertEquals(200, client.ask(1, "/").response(1).status);
            many(client, 200, PRIORITY, 1, 5);
            assertTrue(client.alive());
            many(client, 1, PRIORITY, 1, 5);
            ends(proxy, client, Limit.HTTP2_PRIORITIES);
        }
    }

    @Test
    void ten_window_updates_are_fine_for_each_stream_and_frame_of_data() throws Exception {
        try (ProxyFixture proxy = proxy();
                Http2Client client = client(proxy)) {
            assertEquals(200, client.ask(1, "/").response(1).status); // one frame of data
            for (int i = 0; i < 120; i++) {
                client.number(WINDOW_UPDATE, 0, 1);
            }
            assertTrue(client.alive());
            client.number(WINDOW_UPDATE, 0, 1);
            ends(proxy, client, Limit.HTTP2_WINDOW_UPDATES);
        }
    }

    @Test
    void sixteen_continuations_are_a_head_and_seventeen_are_none() throws Exception {
        byte[] block = Http2Client.get("/");
        for (int pieces : new int[] {16, 17}) {
            try (ProxyFixture proxy = proxy();
                    Http2Client client = client(proxy)) {
                client.frame(HEADERS, END_STREAM, 1, Arrays.copyOf(block, 1));
                for (int i = 1; i <= pieces; i++) {
                    boolean last = i == pieces;
                    byte[] piece = Arrays.copyOfRange(block, i, last ? block.length : i + 1);
                    client.frame(CONTINUATION, last ? END_HEADERS : 0, 1, piece);
                }
                if (pieces == 16) {
                    assertEquals(200, client.response(1).status);
                } else {
                    ends(proxy, client, Limit.HTTP2_CONTINUATION);
                }
            }
        }
    }

    // Windows.

    @Test
    void all_bodies_together_stay_within_the_connections_window() throws Exception {
        Http2Limits small = limits(65_535, 1_000, 1_000, USUAL.settingsAck(), USUAL.streamIdle());
        try (ProxyFixture proxy =
                        proxy(with(small, 1), RawBackend.answering(RawBackend.ok("hello")));
                Http2Client client = client(proxy)) {
            proxy.admit = context -> new Decision.Await(new CompletableFuture<>());
            String piece = "x".repeat(15_000);
            for (int stream = 1; stream < 9; stream += 2) {
                client.post(stream, "/").data(stream, piece, false);
            }
            assertTrue(client.alive());
            client.post(9, "/").data(9, piece, false);
            assertEquals(ErrorCode.FLOW_CONTROL_ERROR.code(), client.end());
            assertEquals(1, proxy.fired(Limit.HTTP2_WINDOW));
        }
    }
}
