package dev.fairway.dataplane.fuzz;

import java.util.Locale;
import java.util.Random;

/**
 * Messages put together from the ledger's tricks (B1 to B24, E1 to E5): most are nearly right, many
 * are right.
 */
public final class Grammar {
    private static final String[] METHODS = {
        "GET",
        "GET",
        "GET",
        "POST",
        "POST",
        "PUT",
        "HEAD",
        "OPTIONS",
        "DELETE",
        "PATCH",
        "get",
        "M-SEARCH",
        "PROPFIND",
        "CONNECT",
        "TRACE",
        "G@T",
        "",
        "X".repeat(32),
        "X".repeat(33)
    };
    private static final String[] SEGMENTS = {
        "a", "b", "", ".", "..", "...", ".a", "..;", ".;x", ";x=1", "a;b", "%2e", "%2E%2e", ".%2e",
                "%2f", "%2F", "%5c", "%5C", "\\", "%00",
        "%25", "%252e", "%c0%ae", "%e2%82%ac", "\u00e9", "%7E", "~", "%41", "%", "%2", "%zz", "a b",
                "a%20b", "*", "@", ":", "&", "=", "+", "!$'()",
        "[", "]", "\"", "<", ">", "^", "`", "{", "|", "}", "admin", "%61dmin", "ADMIN"
    };
    private static final String[] QUERIES = {
        "",
        "",
        "",
        "?",
        "?a=b",
        "?a=b&c=%2e%2e",
        "??",
        "?/../x",
        "?a b",
        "?#",
        "?\u00e9",
        "?%",
        "#f",
        "?x#f"
    };
    private static final String[] VERSIONS = {
        "HTTP/1.1",
        "HTTP/1.1",
        "HTTP/1.1",
        "HTTP/1.1",
        "HTTP/1.1",
        "HTTP/1.0",
        "HTTP/1.2",
        "HTTP/0.9",
        "HTTP/2.0",
        "http/1.1",
        "HTTP/1.10",
        "HTTP/01.1",
        "HTTP/1,1",
        "HTTP/1.1 ",
        "HTTPS/1.1",
        "HTTP / 1.1",
        ""
    };
    private static final String[] ENDS = {
        "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n",
        "\n", "\r", "\r\r\n", "\r\n ", "\n\r", "\0\r\n"
    };
    private static final String[] HOSTS = {
        "a.test",
        "a.test",
        "a.test",
        "A.TEST",
        "a.test.",
        "a.test:80",
        "a.test:",
        "a.test:0",
        "a.test:65535",
        "a.test:65536",
        "a.test:+80",
        "a.test:8 0",
        "a_b.test",
        "",
        ".",
        "..",
        "a..test",
        "-a",
        "[::1]",
        "[::1]:80",
        "[::1",
        "::1",
        "[fe80::1%25eth0]",
        "[]",
        "u@a.test",
        "a.test,b.test",
        "a.test/b",
        "a.test?b",
        "a.test#b",
        "a.test\\b",
        "a test",
        "a.test\t",
        "\u00e9.test",
        "xn--e-x",
        "127.0.0.1",
        "a".repeat(255),
        "a".repeat(256)
    };
    private static final String[] SPACES = {
        "", " ", " ", " ", " ", "  ", "\t", " \t ", "\u000b", "\f", "\0", "\u00a0", "\u0085",
        "\r\n "
    };
    private static final String[] CODINGS = {
        "chunked",
        "chunked",
        "chunked",
        "Chunked",
        "CHUNKED",
        "xchunked",
        "chunked, chunked",
        "chunked,",
        ",chunked",
        "chunked;a=b",
        "identity",
        "gzip",
        "gzip, chunked",
        "chunked, gzip",
        "\"chunked\"",
        "chun\tked",
        "chunked\0",
        "",
        "cow",
        "chunkedx",
        "chun ked",
        "deflate",
        "trailers",
        "identity, chunked",
        "chunked\u000b"
    };
    private static final String[] CONNECTIONS = {
        "close",
        "keep-alive",
        "Close",
        "upgrade",
        "Upgrade, close",
        "x-one",
        "X-One, x-two",
        "host",
        "content-length",
        "authorization",
        "cookie",
        "x-forwarded-for",
        "transfer-encoding",
        "",
        ",",
        ", ,close",
        "a b",
        "close;q=1",
        "\"close\"",
        "te",
        "a,".repeat(33),
        "a, ".repeat(32) + "close"
    };
    private static final String[] UPGRADES = {
        "websocket",
        "WebSocket",
        "h2c",
        "h2",
        "websocket, h2c",
        "TLS/1.0",
        "foo/1",
        "foo/",
        "/",
        "",
        "HTTP/2.0",
        "a b",
        "h2c/1"
    };
    private static final String[] EXPECTS = {
        "100-continue",
        "100-continue",
        "100-Continue",
        "100-continue, 100-continue",
        "",
        "200-ok",
        "100-continue;x"
    };
    private static final String[] NAMES = {
        "X-One",
        "X-Two",
        "Accept",
        "User-Agent",
        "x_one",
        "Content_Length",
        "Transfer_Encoding",
        "X One",
        "X-One ",
        " X-One",
        "",
        "X\0",
        "\u00e9",
        "X(",
        "Content-Length\t",
        "Authorization",
        "Cookie",
        "X-Forwarded-For",
        "Forwarded",
        "Proxy",
        "TE",
        "Trailer",
        "Keep-Alive",
        "Date",
        "Server",
        "HTTP2-Settings",
        "Proxy-Connection",
        "Via",
        "!#$%&'*+-.^`|~"
    };
    private static final String[] VALUES = {
        "1",
        "two",
        "",
        "a, b",
        "\u00e9\u00ff",
        "tab\tinside",
        "a\rb",
        "a\nb",
        "a\0b",
        "\u007f",
        "\u0001",
        " x ",
        "\"q\"",
        "trailers",
        "x".repeat(280),
        "x".repeat(400)
    };
    private static final String[] SIZES = {
        "0x3",
        "+3",
        "-3",
        " 3",
        "3 ",
        "3\t",
        "03",
        "000000003",
        "00000003",
        "3_0",
        "ffffffff",
        "100000000",
        "80000000",
        "fffffffffffffffff",
        "G",
        "",
        "3;",
        "3;a",
        "3;a=b",
        "3;a=\"b\"",
        "3;a=\"b\r\n\"",
        "3;a=\"\\\"\"",
        "3; a",
        "3 ;a",
        "3;a =b",
        "3;\n",
        "3;a\r",
        "3;a=",
        "3;=b",
        "3;a=b;c;d=\"e\"",
        "3;a=\"",
        "3;a=b\"c\"",
        "3;" + "a".repeat(254),
        "3;" + "a".repeat(255),
        "3;" + "a".repeat(256),
        "3\0",
        "\u0663",
        "3;\u00e9",
        "3;a=\"\u00e9\"",
        "3\r",
        "A",
        "3;a=\"\t\""
    };
    private static final String[] TRAILERS = {
        "X: 1\r\n",
        "Content-Length: 9\r\n",
        "Host: x\r\n",
        "X : 1\r\n",
        " X: 1\r\n",
        "X\r\n",
        ":\r\n",
        "X: a\nY: b\r\n",
        "X:\t1\r\n",
        "X: \0\r\n",
        "X: " + "a".repeat(9000) + "\r\n"
    };
    private static final String[] STATUSES = {
        "200 OK",
        "200 OK",
        "200",
        "200 ",
        "204 No Content",
        "304 Not Modified",
        "100 Continue",
        "101 Switching Protocols",
        "199 x",
        "404 Not Found",
        "500 \u00e9",
        "99 x",
        "600 x",
        "20 x",
        "2000 x",
        "abc x",
        "200  two",
        "200\tOK",
        "-20 x",
        "599 x",
        "206 Partial"
    };

    private final Random random;

    /** How many more tricks this message may play: a message with one is worth more than one with ten. */
    private int tricks;

    public Grammar(Random random) {
        this.random = random;
    }

    public String request() {
        tricks = random.nextInt(4);
        StringBuilder message = new StringBuilder();
        message.append(rarely() ? one("\r\n", "\r\n\r\n", "\r\n\r\n\r\n", "\n", " ", "\0") : "");
        String end = end();
        message.append(mostly() ? one("GET", "POST") : any(METHODS))
                .append(space())
                .append(target())
                .append(space());
        message.append(mostly() ? "HTTP/1.1" : any(VERSIONS)).append(end);
        StringBuilder fields = new StringBuilder();
        if (!rarely()) {
            fields.append(field("Host", mostly() ? "a.test" : any(HOSTS)));
        }
        if (rarely()) {
            fields.append(field("Host", any(HOSTS)));
        }
        String body = framing(fields);
        for (int n = random.nextInt(3); n > 0; n--) {
            fields.append(extra());
        }
        return message.append(fields)
                .append(end())
                .append(body)
                .append(random.nextBoolean() ? "" : "GET /next HTTP/1.1\r\nHost: a.test\r\n\r\n")
                .toString();
    }

    public String response() {
        tricks = random.nextInt(4);
        StringBuilder message = new StringBuilder();
        message.append(rarely() ? one("\r\n", "\n", " ", "\0") : "");
        message.append(mostly() ? "HTTP/1.1" : any(VERSIONS))
                .append(space())
                .append(mostly() ? "200 OK" : any(STATUSES))
                .append(end());
        StringBuilder fields = new StringBuilder();
        String body = framing(fields);
        for (int n = random.nextInt(3); n > 0; n--) {
            fields.append(extra());
        }
        return message.append(fields).append(end()).append(body).toString();
    }

    /** Ledger B2 alone: a Transfer-Encoding field line, without its end. */
    public String transferCoding() {
        tricks = 9;
        return codingLine();
    }

    private String codingLine() {
        return cased("Transfer-Encoding")
                + ":"
                + any(SPACES)
                + any(SPACES)
                + any(CODINGS)
                + any(SPACES)
                + any(SPACES);
    }

    public String path() {
        tricks += random.nextInt(3);
        StringBuilder path = new StringBuilder();
        for (int n = 1 + random.nextInt(6); n > 0; n--) {
            path.append('/')
                    .append(trick(2) ? any(SEGMENTS) : one("a", "b", "ccc"))
                    .append(trick(4) ? any(SEGMENTS) : "");
        }
        return path.append(rarely() ? "/" : "").toString();
    }

    public String query() {
        return any(QUERIES);
    }

    /** A chunked body. */
    public String chunks() {
        StringBuilder body = new StringBuilder();
        for (int n = random.nextInt(4); n > 0; n--) {
            body.append(mostly() ? "3" : any(SIZES)).append(end()).append("abc").append(end());
        }
        body.append(mostly() ? "0" : one("00", "000000000", "0;a", "-0", "0 ", "", "0\0"))
                .append(end());
        body.append(rarely() ? any(TRAILERS) : "").append(rarely() ? any(TRAILERS) : "");
        return body.append(end()).toString();
    }

    private String target() {
        String origin = trick(3) ? path() : "/";
        return switch (trick(6) ? random.nextInt(3) : 2) {
            case 0 ->
                    one("http", "http", "https", "HTTP", "https", "ftp", "http:", "")
                            + "://"
                            + any(HOSTS)
                            + (rarely() ? "" : origin)
                            + query();
            case 1 -> one("*", "", "a", "a.test:80", "//host/x", "?x", "http:/x", "http://", "/%");
            default -> origin + query();
        };
    }

    private String framing(StringBuilder fields) {
        int kind = random.nextInt(8);
        if (kind < 3) {
            String length =
                    mostly()
                            ? "3"
                            : one(
                                    "0",
                                    "+3",
                                    "-0",
                                    "0x3",
                                    "3_0",
                                    "03",
                                    "3, 3",
                                    "3 3",
                                    "",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "99999999999999999999",
                                    "3.0",
                                    "3,",
                                    "\u0663",
                                    "5");
            fields.append(field("Content-Length", length));
            fields.append(rarely() ? field("Content-Length", one("3", "4", "")) : "");
            fields.append(rarely() ? field("Transfer-Encoding", any(CODINGS)) : "");
            return "abc";
        }
        if (kind < 6) {
            fields.append(mostly() ? field("Transfer-Encoding", "chunked") : codingLine() + end());
            fields.append(rarely() ? codingLine() + end() : "");
            return chunks();
        }
        return "";
    }

    private String extra() {
        if (!trick(2)) {
            return field(one("X-One", "X-Two", "Accept"), one("1", "a, b"));
        }
        return switch (random.nextInt(5)) {
            case 0 -> field("Connection", any(CONNECTIONS));
            case 1 ->
                    field("Upgrade", any(UPGRADES))
                            + (random.nextBoolean() ? field("Connection", "upgrade") : "");
            case 2 -> field("Expect", any(EXPECTS));
            default -> field(any(NAMES), any(VALUES));
        };
    }

    private String field(String name, String value) {
        return (rarely() ? cased(name) : name)
                + (rarely() ? one(" :", "", ";", "\t:", "::") : ":")
                + (mostly() ? " " : any(SPACES))
                + value
                + (mostly() ? "" : any(SPACES))
                + end();
    }

    private String cased(String text) {
        return one(text, text.toLowerCase(Locale.ROOT), text.toUpperCase(Locale.ROOT));
    }

    private String end() {
        return trick(30) ? any(ENDS) : "\r\n";
    }

    private String space() {
        return trick(40) ? one("  ", "\t", "", " \t", "\u000b", "\f", "\u00a0") : " ";
    }

    private boolean mostly() {
        return !trick(4);
    }

    private boolean rarely() {
        return trick(12);
    }

    private boolean trick(int oneIn) {
        if (tricks == 0 || random.nextInt(oneIn) != 0) {
            return false;
        }
        tricks--;
        return true;
    }

    private String any(String[] of) {
        return of[random.nextInt(of.length)];
    }

    private String one(String... of) {
        return any(of);
    }
}
