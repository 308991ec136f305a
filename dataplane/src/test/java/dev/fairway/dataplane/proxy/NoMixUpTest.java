package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attack ledger E15: nobody gets another's response, however bytes are cut and connections shared. */
class NoMixUpTest {

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    /** Echoes target and body, now with a length, now in chunks, sometimes closing, cut at random. */
    private static RawBackend moody(int seed) throws IOException {
        return new RawBackend(c -> {
            Random random = new Random(seed);
            for (String head; (head = c.readHead()) != null; ) {
                String echo = head.split(" ")[1] + "|" + Wire.body(head, c.in, false);
                String early =
                        random.nextInt(4) == 0
                                ? "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                                : "";
                switch (random.nextInt(4)) {
                    case 0 ->
                            cut(
                                    c,
                                    random,
                                    early
                                            + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                            + chunks(echo, random));
                    case 1 -> {
                        cut(
                                c,
                                random,
                                early + "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + echo);
                        return;
                    }
                    default ->
                            cut(
                                    c,
                                    random,
                                    early
                                            + "HTTP/1.1 200 OK\r\nContent-Length: "
                                            + echo.length()
                                            + "\r\n\r\n"
                                            + echo);
                }
            }
        });
    }

    private static String chunks(String data, Random random) {
        StringBuilder out = new StringBuilder();
        for (int at = 0; at < data.length(); ) {
            int size = Math.min(data.length() - at, 1 + random.nextInt(40));
            out.append(Integer.toHexString(size))
                    .append(random.nextBoolean() ? ";a=b" : "")
                    .append("\r\n");
            out.append(data, at, at + size).append("\r\n");
            at += size;
        }
        return out.append("0\r\n")
                .append(random.nextBoolean() ? "X-T: 1\r\n" : "")
                .append("\r\n")
                .toString();
    }

    private static void cut(RawBackend.Conversation c, Random random, String bytes)
            throws IOException {
        for (int at = 0; at < bytes.length(); ) {
            int size = Math.min(bytes.length() - at, 1 + random.nextInt(bytes.length()));
            c.send(bytes.substring(at, at + size));
            at += size;
        }
    }

    private static void converse(ProxyFixture proxy, int client, int requests) throws IOException {
        Random random = new Random(client);
        try (RawClient raw = proxy.client()) {
            for (int i = 0; i < requests; ) {
                int pipelined = 1 + random.nextInt(4);
                StringBuilder bytes = new StringBuilder();
                String[] expected = new String[pipelined];
                for (int k = 0; k < pipelined; k++, i++) {
                    String target = "/" + client + "/" + i;
                    String body = "b".repeat(random.nextInt(300)) + client + "." + i;
                    boolean chunked = random.nextBoolean();
                    bytes.append("PUT ").append(target).append(" HTTP/1.1\r\nHost: a.test\r\n");
                    bytes.append(
                            chunked
                                    ? "Transfer-Encoding: chunked\r\n\r\n" + chunks(body, random)
                                    : "Content-Length: " + body.length() + "\r\n\r\n" + body);
                    expected[k] = target + "|" + body;
                }
                for (int at = 0; at < bytes.length(); ) {
                    int size = Math.min(bytes.length() - at, 1 + random.nextInt(bytes.length()));
                    raw.send(bytes.substring(at, at + size));
                    at += size;
                }
                for (String echo : expected) {
                    RawClient.Response response = raw.response();
                    while (response.status() == 103) {
                        response = raw.response();
                    }
                    assertEquals(echo, response.body(), response.head());
                }
            }
        }
    }

    @Test
    void every_client_gets_its_own_answers() throws Exception {
        try (ProxyFixture proxy =
                        new ProxyFixture(
                                ProxyLimits.DEFAULTS,
                                TransportKind.EPOLL,
                                new ProxyFixture.NoTls(),
                                false,
                                2,
                                moody(1),
                                moody(2));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Void>> talks =
                    IntStream.range(0, 24)
                            .<Callable<Void>>mapToObj(client ->
                                    () -> {
                                        converse(proxy, client, 60);
                                        return null;
                                    })
                            .toList();
            for (Future<Void> talk : clients.invokeAll(talks)) {
                talk.get();
            }
            proxy.eventually("nothing is under way", () -> proxy.server.exchangesInFlight() == 0);
            proxy.eventually("nor active", () -> proxy.server.upstreamActive() == 0);
            assertEquals(0, proxy.backends.getFirst().fixture.endpoint.inFlight());
        }
    }
}
