package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attack ledger B20 and what it shares with requests: a backend that answers wrongly. */
class ResponseStrictnessTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static ProxyFixture proxy;
    private static RawBackend backend;
    private static volatile String bad = "";

    @BeforeAll
    static void start() throws IOException {
        Leaks.watch();
        backend =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        c.send(head.contains("/bad") ? bad : RawBackend.ok("clean"));
                    }
                });
        proxy = new ProxyFixture(backend);
        proxy.retryOn = List.of();
    }

    @AfterAll
    static void stop() throws IOException {
        proxy.close();
        Leaks.assertNone();
    }

    static List<String> refused() {
        List<String> rows = new ArrayList<>();
        for (String line :
                List.of(
                        "HTTP/1.1 20 OK",
                        "HTTP/1.1 2000 OK",
                        "HTTP/1.1  200 OK",
                        "HTTP/1.1 200OK",
                        "http/1.1 200 OK",
                        "HTTP/2.0 200 OK",
                        "HTTP/1.2 200 OK",
                        "HTTP/1.1 099 OK",
                        "HTTP/1.1 600 OK",
                        "HTTP/1.1 2x0 OK",
                        "HTTP/1.1\t200 OK",
                        "ICY 200 OK",
                        "200 OK",
                        "",
                        "HTTP/1.1 200 O\u0001K",
                        "HTTP/1.1 200 O\u0000K",
                        "HTTP/1.1 -20 OK")) {
            rows.add(line + "\r\nContent-Length: 0\r\n\r\n");
        }
        for (String fields :
                List.of(
                        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                        "Content-Length: 5\r\nContent-Length: 5\r\n",
                        "Content-Length: 5\r\nContent-Length: 6\r\n",
                        "Content-Length: +5\r\n",
                        "Content-Length: 0x5\r\n",
                        "Content-Length: \r\n",
                        "Content-Length: 5, 5\r\n",
                        "Transfer-Encoding: gzip, chunked\r\n",
                        "Transfer-Encoding: xchunked\r\n",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                        "X : 1\r\n",
                        "X: 1\r\n 2\r\n",
                        " X: 1\r\n",
                        "X: a\nY: b\r\n",
                        "X: a\rY: b\r\n",
                        "X: a\u0000b\r\n",
                        "X: a\u007fb\r\n",
                        ": 1\r\n",
                        "X\r\n",
                        "X(: 1\r\n",
                        "X\u00e9: 1\r\n",
                        "Connection: a b\r\n",
                        "X: " + "a".repeat(17_000) + "\r\n",
                        "X: 1\r\n".repeat(201))) {
            rows.add(OK + fields + "\r\nhello");
        }
        rows.add("\r\n" + OK + "Content-Length: 0\r\n\r\n");
        rows.add("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        rows.add(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
        rows.add("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(17) + OK + "Content-Length: 0\r\n\r\n");
        rows.add(OK.replace("\r", "") + "Content-Length: 0\n\n");
        return rows;
    }

    @ParameterizedTest
    @MethodSource
    void refused(String bytes) throws Exception {
        bad = bytes;
        try (RawClient client = proxy.client()) {
            RawClient.Response response = client.get("/bad").response();
            // informational responses are passed on before the fault shows
            while (response.status() == 103) {
                response = client.response();
            }
            assertEquals(502, response.status());
            assertNull(response.field("Upgrade"));
            assertEquals("clean", client.get("/good").response().body());
        }
    }

    /**
     * The client must not take half a response for a whole one, nor what follows for the next; that
     * one began it is told.
     */
    @ParameterizedTest
    @MethodSource
    void cut(String bytes) throws Exception {
        bad = bytes;
        try (RawClient client = proxy.client()) {
            String head = Wire.head(client.get("/bad").in);
            assertTrue(head != null && head.startsWith("HTTP/1.1 200 "), head);
            assertThrows(IOException.class, () -> Wire.body(head, client.in, true));
        }
        assertEquals("clean", proxy.get("/good").body());
    }

    static List<String> cut() {
        String chunked = OK + "Transfer-Encoding: chunked\r\n\r\n";
        return List.of(
                chunked + "1\r\nx0\r\n\r\n",
                chunked + "g\r\n",
                chunked + "1;\r\nx\r\n0\r\n\r\n",
                chunked + "000000001\r\nx\r\n0\r\n\r\n",
                chunked + "1\nx\r\n0\r\n\r\n",
                chunked + "1\r\nx\r\n0\r\nX\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource
    void leftovers(String bytes) throws Exception {
        bad = bytes;
        try (RawClient client = proxy.client()) {
            for (int i = 0; i < 3; i++) {
                RawClient.Response response = client.get("/bad").response();
                assertTrue(
                        response.status() == 200
                                || response.status() == 204
                                || response.status() == 304);
                assertEquals("clean", client.get("/good").response().body());
            }
        }
    }

    static List<String> leftovers() {
        String poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
        return List.of(
                RawBackend.ok("x") + poison,
                OK + "Content-Length: 0\r\n\r\n" + poison,
                OK + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" + poison,
                "HTTP/1.1 204 No Content\r\n\r\n" + poison,
                "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody",
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody");
    }

    @Test
    void late_leftovers_close_the_idle_connection() throws Exception {
        try (RawBackend late =
                        new RawBackend(c -> {
                            while (c.readHead() != null) {
                                c.send(RawBackend.ok("first"));
                                pause(30);
                                c.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
                            }
                        });
                ProxyFixture own = new ProxyFixture(late);
                RawClient client = own.client()) {
            assertEquals("first", client.get("/").response().body());
            own.eventually("the stray bytes are seen", () -> own.fired(Limit.UPSTREAM_STALE) == 1);
            assertEquals("first", client.get("/").response().body());
            assertEquals(2, late.connections.get());
        }
    }

    @Test
    void a_body_to_head_is_not_taken_for_the_next_response() throws Exception {
        bad = RawBackend.ok("poison");
        try (RawClient client = proxy.client()) {
            client.send("HEAD /bad HTTP/1.1\r\nHost: a.test\r\n\r\n");
            RawClient.Response response = client.response(true);
            assertEquals("6", response.field("Content-Length"));
            assertEquals("clean", client.get("/good").response().body());
        }
    }

    @Test
    void a_status_line_without_its_last_space_is_understood() throws Exception {
        bad = "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok";
        assertEquals("ok", proxy.get("/bad").body());
    }

    @Test
    void hop_by_hop_fields_of_a_response_stay_behind() throws Exception {
        bad =
                OK
                        + "Connection: X-Gone, Set-Cookie\r\nX-Gone: 1\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\n"
                        + "Trailer: X\r\nSet-Cookie: a=b\r\nServer: secret/1.0\r\nX-Powered-By: php\r\nContent-Length: 0\r\n\r\n";
        proxy.settings =
                new dev.fairway.contract.Settings(
                        proxy.settings.forwarding(),
                        proxy.settings.keepAlive(),
                        proxy.settings.keepAliveRequests(),
                        proxy.settings.headTimeout(),
                        proxy.settings.bodyTimeout(),
                        proxy.settings.serverHeader(),
                        false,
                        List.of("x-powered-by"),
                        false,
                        proxy.settings.defaultCertificate(),
                        proxy.settings.accessLog(),
                        proxy.settings.proxyProtocol(),
                        proxy.settings.http2());
        RawClient.Response response = proxy.get("/bad");
        for (String gone :
                List.of(
                        "X-Gone",
                        "Keep-Alive",
                        "Upgrade",
                        "Trailer",
                        "X-Powered-By",
                        "Connection")) {
            assertNull(response.field(gone), response.head());
        }
        assertEquals("a=b", response.field("Set-Cookie"));
        assertEquals("fairway", response.field("Server"));
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
