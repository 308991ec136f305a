package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    void a_client_at_work_is_told_to_leave_and_never_cut_between_two_requests() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")))) {
            List<CompletableFuture<Integer>> clients = new ArrayList<>();
            CountDownLatch asked = new CountDownLatch(8);
            for (int i = 0; i < 8; i++) {
                CompletableFuture<Integer> told = new CompletableFuture<>();
                clients.add(told);
                Thread.ofVirtual()
                        .start(() -> {
                            try (RawClient client = proxy.client()) {
                                told.complete(untilTold(client, asked));
                            } catch (Throwable broken) {
                                told.completeExceptionally(broken);
                            }
                        });
            }
            assertTrue(asked.await(10, TimeUnit.SECONDS));
            CompletableFuture<Void> done =
                    proxy.server
                            .drain(Duration.ofMillis(300), Duration.ofSeconds(5))
                            .toCompletableFuture();
            for (CompletableFuture<Integer> client : clients) {
                assertTrue(client.get(10, TimeUnit.SECONDS) > 0);
            }
            done.get(10, TimeUnit.SECONDS);
            assertEquals(0, proxy.fired(Limit.DRAIN_GRACE));
        }
    }

    @Test
    void unused_connections_are_closed_one_after_another_over_the_whole_announcement()
            throws Exception {
        int count = 20;
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")))) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                clients.add(proxy.client());
                clients.getLast().get("/").response();
            }
            Thread.sleep(1_000); // less and one may be about to be used
            long began = System.nanoTime();
            proxy.server.drain(Duration.ofMillis(1_500), Duration.ofSeconds(5));
            List<CompletableFuture<Long>> ends = new ArrayList<>();
            for (RawClient client : clients) {
                CompletableFuture<Long> end = new CompletableFuture<>();
                ends.add(end);
                Thread.ofVirtual()
                        .start(() -> {
                            try (client) {
                                assertTrue(client.closed());
                                end.complete((System.nanoTime() - began) / 1_000_000);
                            } catch (Throwable broken) {
                                end.completeExceptionally(broken);
                            }
                        });
            }
            List<Long> millis = new ArrayList<>();
            for (CompletableFuture<Long> end : ends) {
                millis.add(end.get(10, TimeUnit.SECONDS));
            }
            millis.sort(null);
            assertTrue(millis.getLast() - millis.getFirst() >= 700, millis.toString());
        }
    }

    /** Asks every 20 ms; how often before it was told to leave. */
    private static int untilTold(RawClient client, CountDownLatch asked) throws Exception {
        for (int requests = 1; ; requests++) {
            RawClient.Response response = client.get("/").response();
            assertEquals(200, response.status());
            if ("close".equals(response.field("Connection"))) {
                return requests;
            }
            if (requests == 1) {
                asked.countDown();
            }
            Thread.sleep(20);
        }
    }

    @Test
    void a_response_that_promised_to_keep_the_connection_keeps_it_though_the_drain_began()
            throws Exception {
        CountDownLatch rest = new CountDownLatch(1);
        RawBackend backend =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        c.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
                        await(rest);
                        c.send("cd");
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.get("/");
            proxy.eventually("it is under way", () -> proxy.server.exchangesInFlight() == 1);
            client.in.mark(1);
            client.in.read();
            client.in.reset();
            proxy.server.drain(Duration.ofSeconds(3), Duration.ofSeconds(3));
            rest.countDown();
            assertEquals("abcd", client.response().body());
            assertEquals("close", client.get("/next").response().field("Connection"));
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
