package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.Altered;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is done about memory that runs short, by a gauge that the tests turn. */
class OverloadTest {
    private ProxyFixture proxy;

    @BeforeEach
    void begin() throws Exception {
        Leaks.watch();
        ProxyLimits limits =
                Altered.with(
                        ProxyLimits.DEFAULTS,
                        "entry.pressedIdle",
                        Duration.ofMillis(300),
                        "entry.pressedStall",
                        Duration.ofSeconds(3));
        proxy =
                new ProxyFixture(
                        limits, TransportKind.EPOLL, RawBackend.answering(RawBackend.ok("ok")));
    }

    @AfterEach
    void end() throws Exception {
        proxy.close();
        Leaks.assertNone();
    }

    private void memory(double share, Pressure stage) {
        proxy.memory = share;
        proxy.eventually("the stage is " + stage, () -> proxy.server.pressure() == stage);
    }

    @Test
    void a_stage_is_entered_at_its_share_and_left_a_little_below() {
        assertEquals(Pressure.NONE, Pressure.NONE.next(0.79));
        assertEquals(Pressure.SHORT_IDLE, Pressure.NONE.next(0.80));
        assertEquals(Pressure.NO_KEEP_ALIVE, Pressure.NONE.next(0.88));
        assertEquals(Pressure.REFUSE_REQUESTS, Pressure.NONE.next(0.92));
        assertEquals(Pressure.STOP_ACCEPTING, Pressure.NONE.next(0.95));
        assertEquals(Pressure.CUT_LARGEST, Pressure.NONE.next(0.97));
        assertEquals(Pressure.CUT_LARGEST, Pressure.NONE.next(2));
        assertEquals(Pressure.SHORT_IDLE, Pressure.SHORT_IDLE.next(0.78));
        assertEquals(Pressure.NONE, Pressure.SHORT_IDLE.next(0.76));
        assertEquals(Pressure.REFUSE_REQUESTS, Pressure.REFUSE_REQUESTS.next(0.90));
        assertEquals(Pressure.NO_KEEP_ALIVE, Pressure.REFUSE_REQUESTS.next(0.88));
        assertEquals(Pressure.NONE, Pressure.CUT_LARGEST.next(0));
    }

    @Test
    void at_80_percent_unused_connections_go_early() throws Exception {
        try (RawClient idle = proxy.client()) {
            assertEquals(200, idle.get("/").response().status());
            memory(0.81, Pressure.SHORT_IDLE);
            assertTrue(idle.closed());
            proxy.eventually("it is counted", () -> proxy.fired(Limit.PRESSURE_IDLE) == 1);
            RawClient.Response fresh = proxy.get("/");
            assertEquals(200, fresh.status());
            assertNull(fresh.field("Connection"));
        }
    }

    @Test
    void at_80_percent_a_response_that_is_not_taken_is_ended() throws Exception {
        proxy.backends.getFirst().script(OverloadTest::large);
        try (RawClient stalled = RawClient.slow(proxy.address);
                RawClient waits = proxy.client()) {
            stalled.get("/");
            proxy.eventually("its output waits", () -> proxy.fired(Limit.BUFFER) > 0);
            Thread.sleep(1_000);
            assertEquals(0, proxy.fired(Limit.PRESSURE_STALL)); // there is memory
            proxy.backends
                    .getFirst()
                    .script(c -> {
                        c.readHead();
                        c.readHead();
                    });
            waits.get("/");
            proxy.eventually("both are under way", () -> proxy.server.exchangesInFlight() == 2);
            memory(0.81, Pressure.SHORT_IDLE);
            proxy.eventually("it was ended", () -> proxy.server.clientConnections() == 1);
            assertEquals("slowest-client", proxy.lastFinished(1).reason());
            assertEquals(1, proxy.fired(Limit.PRESSURE_STALL));
            assertEquals(1, proxy.server.exchangesInFlight());
        }
    }

    /** Attack ledger F1: megabytes of the kernel's for each such client are as short as ours. */
    @Test
    void what_a_client_does_not_take_stays_with_the_backend() throws Exception {
        proxy.backends.getFirst().script(OverloadTest::large);
        try (RawClient stalled = RawClient.slow(proxy.address)) {
            stalled.get("/");
            proxy.eventually("its output waits", () -> proxy.fired(Limit.BUFFER) > 0);
            Thread.sleep(300);
            stalled.socket.setSoLinger(true, 0);
        }
        long taken = proxy.lastFinished(1).responseBodyBytes();
        assertTrue(taken < 700_000, "took " + taken);
    }

    private static void large(RawBackend.Conversation c) throws IOException {
        c.readHead();
        c.send("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n");
        c.out.write(new byte[67_108_864]);
    }

    @Test
    void at_88_percent_each_answer_is_its_connections_last() throws Exception {
        try (RawClient client = proxy.client()) {
            assertNull(client.get("/").response().field("Connection"));
            memory(0.89, Pressure.NO_KEEP_ALIVE);
            RawClient.Response last = client.get("/").response();
            assertEquals(200, last.status());
            assertEquals("close", last.field("Connection"));
            assertTrue(client.closed());
            assertEquals(1, proxy.fired(Limit.PRESSURE_KEEP_ALIVE));
        }
    }

    @Test
    void at_92_percent_new_requests_are_503_and_those_under_way_go_on() throws Exception {
        proxy.backends
                .getFirst()
                .script(c -> {
                    c.readRequest();
                    proxy.eventually(
                            "a request was refused",
                            () -> proxy.fired(Limit.PRESSURE_REFUSED) == 1);
                    c.send(RawBackend.ok("late"));
                });
        try (RawClient before = proxy.client();
                RawClient after = proxy.client()) {
            before.get("/");
            proxy.eventually("it is under way", () -> proxy.server.exchangesInFlight() == 1);
            memory(0.93, Pressure.REFUSE_REQUESTS);
            RawClient.Response refused = after.get("/").response();
            assertEquals(503, refused.status());
            assertEquals("1", refused.field("Retry-After"));
            assertEquals("close", refused.field("Connection"));
            assertEquals("late", before.response().body());
        }
        proxy.backends
                .getFirst()
                .script(c -> {
                    while (c.readRequest() != null) {
                        c.send(RawBackend.ok("ok"));
                    }
                });
        memory(0.5, Pressure.NONE);
        assertEquals(200, proxy.get("/").status());
        assertEquals("overload", proxy.lastFinished(1).reason());
    }

    @Test
    void at_95_percent_newcomers_wait_until_there_is_room() throws Exception {
        memory(0.96, Pressure.STOP_ACCEPTING);
        try (RawClient waits = proxy.client()) {
            waits.get("/").socket.setSoTimeout(300);
            assertThrows(SocketTimeoutException.class, waits::response);
            assertEquals(1, proxy.fired(Limit.PRESSURE_ACCEPT));
            waits.socket.setSoTimeout(5_000);
            memory(0.5, Pressure.NONE);
            assertEquals(200, waits.response().status());
        }
    }

    @Test
    void at_97_percent_the_largest_are_cut_and_the_small_are_not() throws Exception {
        proxy.backends.getFirst().script(OverloadTest::large);
        try (RawClient small = proxy.client();
                RawClient large = RawClient.slow(proxy.address)) {
            small.send("GET / HTT");
            large.get("/");
            proxy.eventually("its output waits", () -> proxy.backends.getFirst().heads.size() == 1);
            Thread.sleep(200);
            memory(0.98, Pressure.CUT_LARGEST);
            proxy.eventually("the large one is cut", () -> proxy.server.clientConnections() == 1);
            assertEquals(1, proxy.fired(Limit.PRESSURE_CUT));
            assertEquals(0, proxy.fired(Limit.PRESSURE_STALL)); // which would end it as well, later
            memory(0.5, Pressure.NONE);
            proxy.backends.getFirst().script(c -> c.send(RawBackend.ok("ok")));
            small.send("P/1.1\r\nHost: a.test\r\n\r\n");
            assertEquals(200, small.response().status());
        }
    }

    /** What the process itself measures: something, and not everything. */
    @Test
    void the_process_knows_its_memory() {
        double share = new ProcessMemory().share();
        assertTrue(share > 0 && share < 0.8, "" + share);
    }
}
