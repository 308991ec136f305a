package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows of the attack ledger's section 3.2 that a client can send: all on one proxy. */
class RequestStrictnessTest {
    private static final String HOST = "Host: a.test\r\n";
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private static ProxyFixture proxy;

    /** Refused with this status, then closed; nothing reaches the backend. */
    record Refused(String row, String what, int status, String bytes) {
        @Override
        public String toString() {
            return row + " " + what + " → " + status;
        }
    }

    /** Served as one request, and so is another behind it on the same connection. */
    record Served(String row, String what, String bytes, String backendSees) {
        @Override
        public String toString() {
            return row + " " + what;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        Leaks.watch();
        proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("hello")));
    }

    @AfterAll
    static void stop() throws IOException {
        proxy.close();
        Leaks.assertNone();
    }

    private static String get(String fields) {
        return "GET / HTTP/1.1\r\n" + HOST + fields + "\r\n";
    }

    private static String post(String fields, String body) {
        return "POST / HTTP/1.1\r\n" + HOST + fields + "\r\n" + body;
    }

    private static String chunked(String body) {
        return post("Transfer-Encoding: chunked\r\n", body);
    }

    static List<Refused> refused() {
        List<Refused> rows = new ArrayList<>();
        framing(rows);
        chunks(rows);
        bytes(rows);
        startLines(rows);
        hosts(rows);
        rows.add(
                new Refused(
                        "B5",
                        "odd case",
                        417,
                        post("Expect: 100-Continue\r\nContent-Length: 1\r\n", "x")));
        rows.add(new Refused("B5", "other", 417, get("Expect: 200-ok\r\n")));
        rows.add(
                new Refused(
                        "B5",
                        "twice",
                        417,
                        get("Expect: 100-continue\r\nExpect: 100-continue\r\n")));
        rows.add(
                new Refused(
                        "B24",
                        "long target",
                        414,
                        "GET /" + "a".repeat(9000) + " HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(new Refused("B24", "endless line", 414, "GET /" + "a".repeat(40_000)));
        rows.add(new Refused("B24", "long field", 431, get("X: " + "a".repeat(9000) + "\r\n")));
        rows.add(
                new Refused(
                        "B24",
                        "large head",
                        431,
                        get(("X: " + "a".repeat(8000) + "\r\n").repeat(5))));
        rows.add(new Refused("B24", "many fields", 431, get("X: 1\r\n".repeat(101))));
        rows.add(new Refused("E5", "fragment", 400, "GET /a#b HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(
                new Refused(
                        "E5", "fragment in query", 400, "GET /a?b#c HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(new Refused("E2", "NUL", 400, "GET /%00 HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(
                new Refused(
                        "E1", "above root", 400, "GET /a/../../b HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(new Refused("E3", "..;", 400, "GET /a/..;/b HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(new Refused("E5", "asterisk", 400, "GET * HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(
                new Refused(
                        "E9",
                        "two Authorization",
                        400,
                        get("Authorization: a\r\nAuthorization: b\r\n")));
        return rows;
    }

    private static void framing(List<Refused> rows) {
        String length = "Content-Length: 5\r\n";
        String coding = "Transfer-Encoding: chunked\r\n";
        String body = "0\r\n\r\n";
        rows.add(new Refused("B1", "CL.TE", 400, post(length + coding, body)));
        rows.add(new Refused("B1", "TE.CL", 400, post(coding + length, body)));
        rows.add(
                new Refused(
                        "B1",
                        "case",
                        400,
                        post("transfer-ENCODING: CHUNKED\r\ncontent-LENGTH: 5\r\n", body)));
        rows.add(
                new Refused(
                        "B1",
                        "1.0",
                        400,
                        "POST / HTTP/1.0\r\n" + HOST + coding + length + "\r\n" + body));
        rows.add(
                new Refused(
                        "B19",
                        "1.0 chunked",
                        400,
                        "POST / HTTP/1.0\r\n" + HOST + coding + "\r\n" + body));
        for (String value :
                List.of(
                        "chunked, x",
                        "x, chunked",
                        ",chunked",
                        "chunked,",
                        "",
                        "chunked;a=b",
                        "chunked, chunked",
                        "chunked\u00a0",
                        "\u0085chunked",
                        "\"chunked\"",
                        "chu nked",
                        "chunked\u000b",
                        "\u000cchunked",
                        "chunked\u0000")) {
            rows.add(
                    new Refused(
                            "B2",
                            "coding <" + value + ">",
                            400,
                            post("Transfer-Encoding: " + value + "\r\n", body)));
        }
        for (String value : List.of("xchunked", "gzip", "identity", "chunkedx", "x-chunked")) {
            rows.add(
                    new Refused(
                            "B2",
                            "coding " + value,
                            501,
                            post("Transfer-Encoding: " + value + "\r\n", body)));
        }
        rows.add(new Refused("B2", "two lines", 400, post(coding + coding, body)));
        rows.add(new Refused("B2", "split", 400, post("Transfer-Encoding:\r\n chunked\r\n", body)));
        rows.add(
                new Refused(
                        "B2",
                        "space before colon",
                        400,
                        post("Transfer-Encoding : chunked\r\n", body)));
        for (String value :
                List.of(
                        "",
                        "+1",
                        "-0",
                        "-1",
                        "0x10",
                        "1_0",
                        "1,1",
                        "1, 1",
                        "1 1",
                        "5;",
                        "1.0",
                        "1e1",
                        "five",
                        "99999999999999999999",
                        "9223372036854775808",
                        "00000000000000000005",
                        "\u0661")) {
            rows.add(
                    new Refused(
                            "B3",
                            "length <" + value + ">",
                            400,
                            post("Content-Length: " + value + "\r\n", "hello")));
        }
        rows.add(new Refused("B3", "twice the same", 400, post(length + length, "hello")));
        rows.add(
                new Refused(
                        "B3",
                        "twice, other",
                        400,
                        post(length + "Content-Length: 6\r\n", "hello")));
    }

    private static void chunks(List<Refused> rows) {
        for (String body :
                List.of(
                        "1;a\nx\r\n0\r\n\r\n",
                        "1;a\u0000\r\nx\r\n0\r\n\r\n",
                        "1;a\r\rx\r\n0\r\n\r\n",
                        "1;\r\nx\r\n0\r\n\r\n",
                        "1;a=\r\nx\r\n0\r\n\r\n",
                        "1;=b\r\nx\r\n0\r\n\r\n",
                        "1;a=\"b\r\n\"\r\nx\r\n0\r\n\r\n",
                        "1;a=\"b\"c\r\nx\r\n0\r\n\r\n",
                        "1;a b\r\nx\r\n0\r\n\r\n",
                        "1;a=\"\u0001\"\r\nx\r\n0\r\n\r\n",
                        "1;" + "a".repeat(300) + "\r\nx\r\n0\r\n\r\n")) {
            rows.add(new Refused("B6", "extension " + visible(body), 400, chunked(body)));
        }
        rows.add(
                new Refused(
                        "B6",
                        "extensions in all",
                        400,
                        chunked(("1;" + "a".repeat(200) + "\r\nx\r\n").repeat(90) + "0\r\n\r\n")));
        for (String size :
                List.of(
                        "0x1",
                        "1_",
                        "+1",
                        "-1",
                        " 1",
                        "1 ",
                        "1\t",
                        "",
                        "g",
                        "000000001",
                        "FFFFFFFFF",
                        "80000000000000000",
                        "1\n",
                        "1\r",
                        ";a")) {
            rows.add(
                    new Refused(
                            "B7",
                            "size <" + visible(size) + ">",
                            400,
                            chunked(size + "\r\nx\r\n0\r\n\r\n")));
        }
        rows.add(new Refused("B7", "no size at the end", 400, chunked("\r\n\r\n")));
        rows.add(new Refused("B7", "no size but an extension", 400, chunked(";a\r\n\r\n")));
        rows.add(new Refused("B8", "no CRLF after data", 400, chunked("1\r\nx0\r\n\r\n")));
        rows.add(new Refused("B8", "LF after data", 400, chunked("1\r\nx\n0\r\n\r\n")));
        rows.add(new Refused("B8", "extra CRLF", 400, chunked("1\r\nx\r\n\r\n0\r\n\r\n")));
        rows.add(new Refused("B8", "too much data", 400, chunked("1\r\nxy\r\n0\r\n\r\n")));
        rows.add(new Refused("B8", "bare LF at the end", 400, chunked("0\n\n")));
        rows.add(new Refused("B8", "CR alone at the end", 400, chunked("0\r\n\r")));
        rows.add(new Refused("B9", "trailer without colon", 400, chunked("0\r\nX\r\n\r\n")));
        rows.add(new Refused("B9", "folded trailer", 400, chunked("0\r\nX: 1\r\n 2\r\n\r\n")));
        rows.add(
                new Refused(
                        "B9",
                        "trailers too large",
                        400,
                        chunked("0\r\n" + ("X: " + "a".repeat(500) + "\r\n").repeat(40) + "\r\n")));
        rows.add(
                new Refused(
                        "B9",
                        "too many trailers",
                        400,
                        chunked("0\r\n" + "X: 1\r\n".repeat(101) + "\r\n")));
    }

    private static void bytes(List<Refused> rows) {
        for (int b = 0; b < 128; b++) {
            if (b >= 32 && b != 127) {
                continue;
            }
            String c = String.valueOf((char) b);
            rows.add(
                    new Refused(
                            "B10",
                            "in a target " + b,
                            400,
                            "GET /a" + c + "b HTTP/1.1\r\n" + HOST + "\r\n"));
            rows.add(new Refused("B10", "in a name " + b, 400, get("X" + c + "Y: 1\r\n")));
            if (b != '\t') {
                rows.add(new Refused("B10", "in a value " + b, 400, get("X: a" + c + "b\r\n")));
                rows.add(
                        new Refused("B10", "at a value's end " + b, 400, get("X: a" + c + "\r\n")));
            }
            if (b != '\r') {
                rows.add(new Refused("B14", "before the line " + b, 400, c + get("")));
            }
        }
        rows.add(new Refused("B10", "LF only", 400, "GET / HTTP/1.1\nHost: a.test\n\n"));
        rows.add(
                new Refused(
                        "B10",
                        "LF ends a field",
                        400,
                        "GET / HTTP/1.1\r\nHost: a.test\nX: 1\r\n\r\n"));
        rows.add(
                new Refused(
                        "B10", "LF ends the head", 400, "GET / HTTP/1.1\r\nHost: a.test\r\n\n"));
        rows.add(new Refused("B11", "fold", 400, get("X: 1\r\n 2\r\n")));
        rows.add(new Refused("B11", "tab fold", 400, get("X: 1\r\n\t2\r\n")));
        rows.add(new Refused("B12", "space before colon", 400, get("X : 1\r\n")));
        rows.add(new Refused("B12", "space first", 400, "GET / HTTP/1.1\r\n Host: a.test\r\n\r\n"));
        rows.add(new Refused("B12", "no name", 400, get(": 1\r\n")));
        rows.add(new Refused("B12", "no colon", 400, get("X\r\n")));
        for (String name :
                List.of(
                        "X\u00e9", "X\u0085", "X\u00a0", "X(", "X,", "X/", "X@", "X[", "X\"",
                        "X{")) {
            rows.add(new Refused("B13", "name <" + name + ">", 400, get(name + ": 1\r\n")));
        }
        rows.add(new Refused("B14", "three empty lines", 400, "\r\n\r\n\r\n" + get("")));
    }

    private static void startLines(List<Refused> rows) {
        for (String line :
                List.of(
                        "GET  / HTTP/1.1",
                        "GET / HTTP/1.1 ",
                        "GET /  HTTP/1.1",
                        " GET / HTTP/1.1",
                        "GET\t/ HTTP/1.1",
                        "GET /",
                        "GET",
                        "GET / ",
                        "GET / a HTTP/1.1",
                        "GET / http/1.1",
                        "GET / Http/1.1",
                        "GET / HTTP/1.32",
                        "GET / HTTP/11",
                        "GET / HTTP/1",
                        "GET / HTTP /1.1",
                        "GET / HTTX/1.1",
                        "G(T / HTTP/1.1",
                        "G\u00e9T / HTTP/1.1",
                        "GET a HTTP/1.1",
                        "GET /\\a HTTP/1.1",
                        "GET ftp://a.test/ HTTP/1.1",
                        "GET http:/a.test/ HTTP/1.1",
                        "GET a.test:80 HTTP/1.1")) {
            rows.add(
                    new Refused(
                            "B15", "<" + visible(line) + ">", 400, line + "\r\n" + HOST + "\r\n"));
        }
        for (String version : List.of("HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/1.2", "HTTP/9.9")) {
            rows.add(new Refused("B15", version, 505, "GET / " + version + "\r\n" + HOST + "\r\n"));
        }
        rows.add(
                new Refused(
                        "B15",
                        "long method",
                        501,
                        "M".repeat(33) + " / HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(
                new Refused(
                        "B17", "CONNECT", 405, "CONNECT a.test:443 HTTP/1.1\r\n" + HOST + "\r\n"));
        rows.add(new Refused("E17", "TRACE", 405, "TRACE / HTTP/1.1\r\n" + HOST + "\r\n"));
    }

    private static void hosts(List<Refused> rows) {
        for (String host :
                List.of(
                        "",
                        "u@a.test",
                        "a.test,b.test",
                        "a test",
                        "a.test/x",
                        "a.test?x",
                        "a.test#x",
                        "a\\b",
                        "a.test:",
                        "a.test:8x",
                        "a.test:99999",
                        "a.test:1:2",
                        ":80",
                        "[::1",
                        "[]",
                        "[x]",
                        "[::x]",
                        "[fe80::1%25lo]",
                        "a..test",
                        ".a.test",
                        "%61.test",
                        "\u00e4.test",
                        "a.test:-1",
                        "a".repeat(256))) {
            rows.add(
                    new Refused(
                            "B16",
                            "Host <" + host + ">",
                            400,
                            "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
        }
        for (String authority :
                List.of("u@a.test", "u:p@a.test", "a.test,b", "a.test:x", "", ":80", "a..b")) {
            rows.add(
                    new Refused(
                            "B16",
                            "http://" + authority + "/",
                            400,
                            "GET http://" + authority + "/ HTTP/1.1\r\n" + HOST + "\r\n"));
        }
        rows.add(new Refused("B16", "two Hosts", 400, get(HOST)));
        rows.add(new Refused("B16", "no Host", 400, "GET / HTTP/1.1\r\n\r\n"));
        rows.add(
                new Refused(
                        "B16", "absolute, no Host", 400, "GET http://a.test/ HTTP/1.1\r\n\r\n"));
        rows.add(
                new Refused(
                        "B16",
                        "absolute, bad Host",
                        400,
                        "GET http://a.test/ HTTP/1.1\r\nHost: a@b\r\n\r\n"));
    }

    private static String visible(String text) {
        StringBuilder out = new StringBuilder();
        text.chars()
                .limit(40)
                .forEach(c -> out.append(c < ' ' ? "\\x" + Integer.toHexString(c) : (char) c));
        return out.toString();
    }

    @ParameterizedTest
    @MethodSource
    void refused(Refused row) throws Exception {
        int before = proxy.backends.getFirst().heads.size();
        try (RawClient client = proxy.client()) {
            client.send(row.bytes() + NEXT);
            RawClient.Response response = client.response();
            assertEquals(row.status(), response.status());
            assertEquals("close", response.field("Connection"));
            assertTrue(client.closed(), "something follows the refusal");
        }
        // A body's fault shows after its head was forwarded; no whole request may arrive, nor the
        // next.
        List<String> heads = proxy.backends.getFirst().heads;
        for (String head : heads.subList(before, heads.size())) {
            assertTrue(head.startsWith("POST / "), head);
        }
    }

    static List<Served> served() {
        List<Served> rows = new ArrayList<>();
        rows.add(
                new Served(
                        "B2",
                        "CHUNKED",
                        post("Transfer-Encoding: CHUNKED\r\n", "1\r\nx\r\n0\r\n\r\n"),
                        "POST / "));
        rows.add(
                new Served(
                        "B2",
                        "OWS",
                        post("Transfer-Encoding:\t chunked \t\r\n", "1\r\nx\r\n0\r\n\r\n"),
                        "POST / "));
        rows.add(
                new Served(
                        "B3",
                        "leading zeros",
                        post("Content-Length: 0000000000000000005\r\n", "hello"),
                        "POST / "));
        rows.add(new Served("B4", "body on GET", get("Content-Length: 5\r\n") + "hello", "GET / "));
        rows.add(
                new Served(
                        "B4",
                        "body like a request",
                        post("Content-Length: " + NEXT.length() + "\r\n", NEXT),
                        "POST / "));
        rows.add(
                new Served(
                        "B4",
                        "chunked DELETE",
                        "DELETE / HTTP/1.1\r\n"
                                + HOST
                                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                        "DELETE / "));
        rows.add(
                new Served(
                        "B6",
                        "extensions",
                        chunked("1;a;b=c;d=\"e;\\\"\"\r\nx\r\n0;z\r\n\r\n"),
                        "POST / "));
        rows.add(
                new Served(
                        "B7",
                        "eight digits",
                        chunked("00000001\r\nx\r\n00000000\r\n\r\n"),
                        "POST / "));
        rows.add(
                new Served(
                        "B9",
                        "trailers",
                        chunked("1\r\nx\r\n0\r\nContent-Length: 9\r\nHost: b\r\n\r\n"),
                        "POST / "));
        rows.add(
                new Served(
                        "B13",
                        "values",
                        get("X: \u00e9\t \u00ff~!\"\r\nY:\r\nZ:   \t \r\n"),
                        "GET / "));
        rows.add(new Served("B14", "two empty lines", "\r\n\r\n" + get(""), "GET / "));
        rows.add(
                new Served(
                        "B15",
                        "unknown method",
                        "BREW-IT / HTTP/1.1\r\n" + HOST + "\r\n",
                        "BREW-IT / "));
        rows.add(
                new Served(
                        "B15",
                        "method of 32",
                        "M".repeat(32) + " / HTTP/1.1\r\n" + HOST + "\r\n",
                        "M".repeat(32) + " / "));
        rows.add(
                new Served(
                        "B16",
                        "absolute wins",
                        "GET http://A.test.:80/x HTTP/1.1\r\nHost: other\r\n\r\n",
                        "GET /x HTTP/1.1\r\nHost: A.test.:80\r\n"));
        rows.add(
                new Served(
                        "B16",
                        "absolute, no path",
                        "GET http://a.test HTTP/1.1\r\nHost: other\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: a.test\r\n"));
        rows.add(
                new Served(
                        "B16",
                        "absolute, query only",
                        "GET http://a.test?q HTTP/1.1\r\nHost: other\r\n\r\n",
                        "GET /?q HTTP/1.1\r\nHost: a.test\r\n"));
        rows.add(
                new Served(
                        "B16",
                        "IPv6",
                        "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
                        "GET / HTTP/1.1\r\nHost: [::1]:80\r\n"));
        rows.add(new Served("B24", "a hundred fields", get("X: 1\r\n".repeat(99)), "GET / "));
        rows.add(
                new Served(
                        "E1",
                        "dots",
                        "GET /a/./b//../%63 HTTP/1.1\r\n" + HOST + "\r\n",
                        "GET /a/c "));
        rows.add(
                new Served(
                        "E2",
                        "encoded slash",
                        "GET /a%2fb HTTP/1.1\r\n" + HOST + "\r\n",
                        "GET /a%2Fb "));
        rows.add(
                new Served(
                        "E3",
                        "parameters",
                        "GET /a;b=c/d HTTP/1.1\r\n" + HOST + "\r\n",
                        "GET /a;b=c/d "));
        return rows;
    }

    @ParameterizedTest
    @MethodSource
    void served(Served row) throws Exception {
        int before = proxy.backends.getFirst().heads.size();
        try (RawClient client = proxy.client()) {
            client.send(row.bytes() + NEXT);
            assertEquals(200, client.response().status());
            assertEquals(200, client.response().status());
        }
        List<String> heads = proxy.backends.getFirst().heads;
        assertEquals(before + 2, heads.size());
        assertTrue(heads.get(before).startsWith(row.backendSees()), heads.get(before));
        assertTrue(heads.get(before + 1).startsWith("GET /next "), heads.get(before + 1));
    }

    @Test
    void hop_by_hop_fields_are_the_hops() throws Exception {
        RawClient.Response response =
                proxy.ask(
                        get(
                                "Connection: X-Gone, X-Real-IP, Host, Authorization, Cookie, close, x-forwarded-for\r\n"
                                        + "X-Gone: 1\r\nAuthorization: a\r\nCookie: c=d\r\nTE: trailers\r\nTrailer: X\r\n"
                                        + "Keep-Alive: 5\r\nProxy-Connection: x\r\nProxy: evil\r\nUpgrade: h2c\r\n"
                                        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\nX-Kept: 1\r\n"));
        assertEquals(200, response.status());
        String head = proxy.backends.getFirst().heads.getLast();
        for (String gone :
                List.of(
                        "X-Gone",
                        "TE",
                        "Trailer",
                        "Keep-Alive",
                        "Proxy-Connection",
                        "Proxy",
                        "Upgrade",
                        "HTTP2-Settings",
                        "Connection")) {
            assertEquals(null, Wire.field(head, gone), head);
        }
        for (String kept :
                List.of(
                        "Authorization",
                        "Cookie",
                        "X-Kept",
                        "Host",
                        "X-Real-IP",
                        "X-Forwarded-For")) {
            assertTrue(Wire.field(head, kept) != null, kept + " is missing: " + head);
        }
    }

    @Test
    void names_with_underscores_are_dropped_and_counted_unless_kept() throws Exception {
        long before = proxy.fired(Limit.UNDERSCORE_NAME);
        proxy.ask(get("X_Real_IP: 6.6.6.6\r\nX-Ok: 1\r\nConnection: close\r\n"));
        String head = proxy.backends.getFirst().heads.getLast();
        assertEquals(null, Wire.field(head, "X_Real_IP"));
        assertEquals("1", Wire.field(head, "X-Ok"));
        assertEquals(before + 1, proxy.fired(Limit.UNDERSCORE_NAME));
    }

    @Test
    void chunks_are_forwarded_without_extensions_and_trailers() throws Exception {
        try (RawClient client = proxy.client()) {
            client.send(chunked("3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Auth: 1\r\n\r\n"));
            assertEquals(200, client.response().status());
        }
        String head = proxy.backends.getFirst().heads.getLast();
        assertEquals("chunked", Wire.field(head, "Transfer-Encoding"));
        assertEquals(null, Wire.field(head, "X-Auth"));
    }

    @Test
    void a_head_may_come_byte_by_byte() throws Exception {
        try (RawClient client = proxy.client()) {
            for (char c : (get("X-Slow: yes\r\n")).toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertEquals(200, client.response().status());
            for (char c : chunked("3;x=\"y\"\r\nabc\r\n0\r\nX: 1\r\n\r\n").toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertEquals(200, client.response().status());
        }
    }

    @Test
    void an_old_client_gets_one_answer_and_the_end() throws Exception {
        try (RawClient client = proxy.client()) {
            client.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + NEXT);
            RawClient.Response response = client.response();
            assertEquals(200, response.status());
            assertEquals("close", response.field("Connection"));
            assertTrue(client.closed());
        }
    }

    @Test
    void a_client_that_named_no_host_is_not_said_to_have_named_an_empty_one() throws Exception {
        assertEquals(200, proxy.ask("GET /hostless HTTP/1.0\r\n\r\n").status());
        String head = proxy.backends.getFirst().heads.getLast();
        assertTrue(head.contains("GET /hostless HTTP/1.1\r\nHost: localhost\r\n"), head);
        assertTrue(!head.contains("X-Forwarded-Host"), head);
    }

    /** A listener that also speaks HTTP/2 by prior knowledge answers in the language it can. */
    @Test
    void a_first_line_in_no_protocol_is_answered_400() throws Exception {
        for (String line : List.of("hello", "SSH-2.0-OpenSSH_9.2", "GET index.html")) {
            try (RawClient client = proxy.client()) {
                client.send(line + "\r\n" + NEXT);
                assertEquals(400, client.response().status(), line);
                assertTrue(client.closed(), line);
            }
        }
    }

    /** Three words without target or version may be a broken preface, whose sender reads no HTTP/1. */
    @Test
    void a_first_line_that_may_be_a_broken_preface_ends_the_connection() throws Exception {
        try (RawClient client = proxy.client()) {
            client.send("INVALID CONNECTION PREFACE\r\n\r\n");
            assertTrue(client.closed());
        }
    }

    @Test
    void options_of_the_server_itself_are_answered_here() throws Exception {
        int before = proxy.backends.getFirst().heads.size();
        assertEquals(200, proxy.ask("OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n").status());
        assertEquals(before, proxy.backends.getFirst().heads.size());
    }
}
