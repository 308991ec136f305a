package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trailers of HTTP/1 on both sides: attack ledger B9, RFC 9110 6.5. */
class TrailersTest {
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n";
    private static final String TE = "TE: trailers\r\nConnection: TE\r\n";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    /** A chunked body's data, and the trailer lines behind it. */
    private static List<String> chunked(InputStream in) throws IOException {
        List<String> seen = new ArrayList<>(List.of(""));
        for (int size; (size = Integer.parseInt(Wire.line(in), 16)) > 0; Wire.line(in)) {
            seen.set(0, seen.getFirst() + new String(in.readNBytes(size)));
        }
        for (String line; !(line = Wire.line(in)).isEmpty(); ) {
            seen.add(line);
        }
        return seen;
    }

    private static RawBackend sending(String trailers) throws IOException {
        return RawBackend.answering(CHUNKED + trailers + "\r\n");
    }

    @Test
    void listed_trailers_reach_a_client_that_takes_trailers() throws Exception {
        RawBackend backend =
                sending(
                        "Server-Timing: db;dur=5\r\nX-Other: 1\r\nContent-Digest: sha-256=:YQ==:\r\nSet-Cookie: a=b\r\n"
                                + "grpc-status: 0\r\nContent-Length: 3\r\n");
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            for (int i = 0; i < 2; i++) {
                client.send("GET / HTTP/1.1\r\nHost: a.test\r\nTE: deflate, trailers\r\n\r\n");
                assertTrue(Wire.head(client.in).startsWith("HTTP/1.1 200"));
                assertEquals(
                        List.of(
                                "abc",
                                "Server-Timing: db;dur=5",
                                "Content-Digest: sha-256=:YQ==:",
                                "grpc-status: 0"),
                        chunked(client.in));
            }
            client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            Wire.head(client.in);
            assertEquals(List.of("abc"), chunked(client.in), "no word of trailers, none sent");
            assertEquals(1, backend.connections.get());
        }
    }

    @Test
    void an_old_client_gets_none() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(sending("Server-Timing: a\r\n"))) {
            RawClient.Response old = proxy.ask("GET / HTTP/1.0\r\nTE: trailers\r\n\r\n");
            assertEquals("abc", old.body());
        }
    }

    @Test
    void listed_trailers_of_a_request_reach_the_backend_and_no_other() throws Exception {
        BlockingQueue<List<String>> bodies = new LinkedBlockingQueue<>();
        RawBackend backend =
                new RawBackend(c -> {
                    while (c.readHead() != null) {
                        bodies.add(chunked(c.in));
                        c.send(RawBackend.ok("ok"));
                    }
                });
        String post = "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n";
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.send(
                    post
                            + "\r\n2\r\nhi\r\n0\r\nHost: evil\r\nAuthorization: x\r\nX-Auth: 1\r\nRepr-Digest: d\r\n"
                            + "Transfer-Encoding: chunked\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n");
            assertEquals("ok", client.response().body());
            assertEquals(List.of("hi", "Repr-Digest: d"), bodies.poll(1, TimeUnit.SECONDS));
            // without data, byte by byte
            for (char c : (post + "\r\n0\r\nDigest: d\r\n\r\n").toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertEquals("ok", client.response().body());
            assertEquals(List.of("", "Digest: d"), bodies.poll(1, TimeUnit.SECONDS));
            client.send(post + "\r\n1\r\nx\r\n0\r\n\r\n");
            assertEquals("ok", client.response().body());
            assertEquals(List.of("x"), bodies.poll(1, TimeUnit.SECONDS), "nothing is left over");
        }
    }

    @Test
    void te_is_forwarded_as_trailers_alone_where_the_connection_names_it() throws Exception {
        RawBackend backend = RawBackend.answering(RawBackend.ok(""));
        try (ProxyFixture proxy = new ProxyFixture(backend)) {
            String get = "GET / HTTP/1.1\r\nHost: a.test\r\n";
            proxy.ask(get + TE + "\r\n");
            assertEquals("trailers", Wire.field(backend.heads.getLast(), "TE"));
            assertEquals("TE", Wire.field(backend.heads.getLast(), "Connection"));
            proxy.ask(get + "TE: gzip;q=1, trailers\r\nConnection: te\r\n\r\n");
            assertEquals("trailers", Wire.field(backend.heads.getLast(), "TE"));
            for (String none :
                    List.of(
                            "TE: trailers\r\n",
                            "TE: gzip\r\nConnection: TE\r\n",
                            "Connection: TE\r\n")) {
                proxy.ask(get + none + "\r\n");
                assertEquals(null, Wire.field(backend.heads.getLast(), "TE"), none);
                assertEquals(null, Wire.field(backend.heads.getLast(), "Connection"), none);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X\r\n\r\n",
                "X: 1\r\n 2\r\n\r\n",
                "X : 1\r\n\r\n",
                "X: 1\n\r\n",
                "X: a\u0000\r\n\r\n",
                ": 1\r\n\r\n",
                "\n"
            })
    void malformed_trailers_of_a_backend_break_its_response(String trailers) throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    c.readHead();
                    c.send(CHUNKED + trailers);
                    c.readHead();
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.get("/");
            String seen = new String(client.in.readAllBytes(), StandardCharsets.ISO_8859_1);
            assertFalse(seen.endsWith("0\r\n\r\n"), "the last chunk came: " + seen);
        }
    }

    @Test
    void endless_trailers_of_a_backend_are_cut() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    c.readHead();
                    c.send(CHUNKED + "X: 1\r\n".repeat(5000));
                    c.readHead();
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            client.get("/");
            String seen = new String(client.in.readAllBytes(), StandardCharsets.ISO_8859_1);
            assertFalse(seen.endsWith("0\r\n\r\n"), "the last chunk came: " + seen);
        }
    }
}
