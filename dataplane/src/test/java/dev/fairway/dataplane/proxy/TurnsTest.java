package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Settings.Forwarding;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.policy.Decision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose requests are looked after when (attack ledger F2): each takes its loop ten times as long as a turn should. */
class TurnsTest {
    private static final String FLOOD = "127.0.0.2";
    private static final String HONEST = "127.0.0.3";
    private static final String OTHER = "127.0.0.4";
    private static final int CONNECTIONS = 30;
    private static final long SLOW_MILLIS = 5;

    private final List<RawClient> flood = new ArrayList<>();
    private final CountDownLatch go = new CountDownLatch(1);
    private ProxyFixture proxy;
    private RawClient honest;
    private RawClient other;

    @BeforeEach
    void begin() throws IOException {
        Leaks.watch();
        proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")));
        proxy.admit =
                context -> {
                    slow();
                    return new Decision.Respond(Answer.of(404, "", "slow"));
                };
        honest = RawClient.from(proxy.address, HONEST);
        other = RawClient.from(proxy.address, OTHER);
    }

    @AfterEach
    void end() throws Exception {
        go.countDown();
        for (RawClient client : flood) {
            client.close();
        }
        honest.close();
        other.close();
        proxy.close();
        Leaks.assertNone();
    }

    private void slow() {
        try {
            go.await();
            Thread.sleep(SLOW_MILLIS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first occupies the loop until the tests say go, so that the others' are there together. */
    private void occupy() throws IOException {
        for (int i = 0; i < CONNECTIONS; i++) {
            flood.add(RawClient.from(proxy.address, FLOOD));
        }
        proxy.eventually(
                "all are there", () -> proxy.server.clientConnections() >= CONNECTIONS + 2);
        flood.getFirst().get("/flood");
        proxy.eventually("the first is under way", () -> proxy.paths.size() == 1);
    }

    private List<String> order(int requests) {
        proxy.lastFinished(requests);
        return proxy.finished.stream().map(ProxyFixture.Finished::target).toList();
    }

    private void answered(List<RawClient> clients) throws IOException {
        for (RawClient client : clients) {
            assertEquals(404, client.response().status());
        }
    }

    @Test
    void an_address_that_had_its_share_of_a_turn_waits_until_others_were_served() throws Exception {
        occupy();
        flood.get(1).get("/flood");
        other.get("/other");
        for (RawClient client : flood.subList(2, CONNECTIONS)) {
            client.get("/flood");
        }
        honest.get("/honest");
        go.countDown();
        answered(flood);
        answered(List.of(other, honest));
        List<String> order = order(CONNECTIONS + 2);
        assertTrue(order.indexOf("/honest") < 6, order::toString);
        assertTrue(proxy.fired(Limit.TURN_SHARE) > 0);
    }

    @Test
    void what_fails_in_its_turn_ends_its_connection_and_not_the_loop() throws Exception {
        AtomicBoolean failed = new AtomicBoolean();
        proxy.onSettings =
                () -> {
                    if (heldBefore() && failed.compareAndSet(false, true)) {
                        throw new IllegalStateException("as if it were a fault of ours");
                    }
                };
        occupy();
        other.get("/other");
        for (RawClient client : flood.subList(1, CONNECTIONS)) {
            client.get("/flood");
        }
        go.countDown();
        int ended = 0;
        for (RawClient client : flood) {
            ended += client.closed() ? 1 : 0;
        }
        answered(List.of(other));
        assertEquals(1, ended);
        assertTrue(proxy.fired(Limit.TURN_SHARE) > 0);
        other.get("/other");
        answered(List.of(other));
    }

    private static boolean heldBefore() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("nextTurn")));
    }

    @Test
    void whoever_is_alone_is_not_held_back() throws Exception {
        occupy();
        for (RawClient client : flood.subList(1, CONNECTIONS)) {
            client.get("/flood");
        }
        go.countDown();
        answered(flood);
        assertEquals(0, proxy.fired(Limit.TURN_SHARE));
    }

    @Test
    void a_trusted_proxy_speaks_for_many_and_is_not_held_back() throws Exception {
        proxy.settings =
                ForwardedHeadersTest.trusting(
                        new Forwarding(
                                List.of(Cidr.parse(FLOOD + "/32")), "x-forwarded-for", false));
        occupy();
        flood.get(1).get("/flood");
        other.get("/other");
        for (RawClient client : flood.subList(2, CONNECTIONS)) {
            client.get("/flood");
        }
        go.countDown();
        answered(flood);
        answered(List.of(other));
        assertEquals(0, proxy.fired(Limit.TURN_SHARE));
    }

    @Test
    void requests_of_one_http2_read_go_on_when_others_were_served() throws Exception {
        int requests = 60;
        try (Http2Client client = new Http2Client(proxy.address)) {
            client.begin();
            assertTrue(client.read());
            occupy();
            other.get("/other");
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < requests; i++) {
                all.writeBytes(
                        Http2Client.bytes(
                                Http2Client.HEADERS,
                                Http2Client.END_HEADERS | Http2Client.END_STREAM,
                                1 + 2 * i,
                                Http2Client.get("/flood")));
            }
            client.out.write(all.toByteArray());
            honest.get("/honest");
            go.countDown();
            assertEquals(404, client.response(1 + 2 * (requests - 1)).status);
            answered(List.of(flood.getFirst(), other, honest));
            List<String> order = order(requests + 3);
            assertTrue(order.indexOf("/honest") < 20, order::toString);
        }
    }
}
