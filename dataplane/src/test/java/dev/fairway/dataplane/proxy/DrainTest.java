package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** kubernetes.md 5.3 rule 6. */
class DrainTest {

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    @Test
    void a_drain_announces_itself_then_stops_accepting_and_waits_for_what_is_under_way()
            throws Exception {
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
                RawClient idle = proxy.client();
                RawClient busy = proxy.client()) {
            assertEquals(null, idle.get("/").response().field("Connection"));
            busy.get("/slow");
            proxy.eventually("it is under way", () -> proxy.server.exchangesInFlight() == 1);
            CompletableFuture<Void> done =
                    proxy.server
                            .drain(Duration.ofMillis(600), Duration.ofSeconds(5))
                            .toCompletableFuture();
            assertEquals("close", proxy.get("/new").field("Connection"));
            assertTrue(idle.closed());
            proxy.eventually("no more is accepted", () -> refused(proxy));
            assertFalse(done.isDone());
            slow.countDown();
            RawClient.Response last = busy.response();
            assertEquals("ok", last.body());
            assertEquals("close", last.field("Connection"));
            done.get(5, TimeUnit.SECONDS);
            assertEquals(0, proxy.fired(Limit.DRAIN_GRACE));
        }
    }

    @Test
    void what_outlasts_the_grace_is_cut() throws Exception {
        RawBackend silent =
                new RawBackend(c -> c.in.transferTo(java.io.OutputStream.nullOutputStream()));
        try (ProxyFixture proxy = new ProxyFixture(silent);
                RawClient client = proxy.client()) {
            client.get("/");
            proxy.eventually("it is under way", () -> proxy.server.exchangesInFlight() == 1);
            proxy.server
                    .drain(Duration.ofMillis(100), Duration.ofMillis(300))
                    .toCompletableFuture()
                    .get(5, TimeUnit.SECONDS);
            assertThrows(IOException.class, client::response);
            proxy.eventually("it was cut", () -> proxy.fired(Limit.DRAIN_GRACE) == 1);
        }
    }

    private static boolean refused(ProxyFixture proxy) {
        try (RawClient client = proxy.client()) {
            return client.closed();
        } catch (IOException e) {
            return true;
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
