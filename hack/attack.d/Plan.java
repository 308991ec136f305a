import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One attack: what each of its connections does.
 *
 * @param connections held at once; one that ends is opened again
 * @param tls towards the TLS port (the bytes are sent as they are)
 * @param first sent once on each connection; null: nothing
 * @param again sent over and over; null: nothing
 * @param everyMillis between two of {@code again}; 0: as fast as it is taken
 * @param reads whether answers are read
 * @param end when the attacker closes a connection itself
 */
record Plan(String name, String what, int connections, boolean tls, byte[] first, byte[] again, int everyMillis, boolean reads, End end) {

    /** Slow ones last until the timer that ends them has fired. */
    int seconds(int wanted) {
        return Math.max(wanted, switch (name) {
            case "slow-head", "slow-body", "connections" -> 13;
            case "slow-read", "h2-window-stall" -> 33;
            case "hello-stall", "hello-drip" -> 7;
            default -> 0;
        });
    }

    enum End {
        /** Stays until the other side closes. */
        NEVER,
        /** Once something was answered. */
        ANSWERED,
        /** With a reset, at once after the first bytes. */
        RESET,
        /** Half: no more is sent, answers are awaited. */
        HALF
    }

    static final String HOST = "Host: a.test\r\n";
    static final Map<String, Plan> ALL = new LinkedHashMap<>();

    static {
        String get = "GET / HTTP/1.1\r\n" + HOST + "\r\n";
        String none = "GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n";
        add("slow-head", "slowloris: a head that never ends, a field every second", 2000, false, "GET / HTTP/1.1\r\n" + HOST, "X-a: b\r\n", 1000, true, End.NEVER);
        add("slow-body", "a body of a megabyte, one byte every second", 2000, false,
                "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1000000\r\n\r\n", "x", 1000, true, End.NEVER);
        add("slow-read", "asks for 4 MiB and takes nothing", 500, false, "GET /large HTTP/1.1\r\n" + HOST + "\r\n", null, 0, false, End.NEVER);
        add("connections", "opens connections and says nothing, from 16 addresses", 8000, false, null, null, 0, true, End.NEVER);
        add("connect-close", "opens and closes connections as fast as it can", 64, false, "", null, 0, true, End.RESET);
        add("requests", "a connection for each request", 64, false, none, null, 0, true, End.ANSWERED);
        add("hello-stall", "half a ClientHello and silence", 4000, true, "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", null, 0, true, End.NEVER);
        add("hello-drip", "a ClientHello of 16 MiB, announced; a byte at a time", 2000, true, "\u0016\u0003\u0001\u0040\u0000\u0001\u00ff\u00ff\u00ff", "a", 200, true, End.NEVER);
        ALL.put("handshakes", new Plan("handshakes", "full handshakes left alone once the server has signed", 32, true, new byte[0], null, 0, true, End.ANSWERED));
        add("head-bomb", "heads of 33 KiB without an end", 32, false, "GET / HTTP/1.1\r\n" + HOST, ("X: " + "a".repeat(8000) + "\r\n").repeat(5), 0, true, End.NEVER);
        add("tiny-fields", "heads of 99 fields of one letter, pipelined", 8, false, "", "GET / HTTP/1.1\r\nHost: nobody.test\r\n" + "a:b\r\n".repeat(98) + "\r\n", 0, true, End.NEVER);
        add("bad-heads", "400 after 400, a connection for each", 64, false, "GET / HTTP/1.1\r\nHost : a.test\r\n\r\n", null, 0, true, End.ANSWERED);
        add("chunks-of-1", "a body in chunks of one byte", 8, false, "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n".repeat(2000), 0, true, End.NEVER);
        add("chunk-extensions", "chunks of one byte with extensions", 8, false, "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n",
                ("1;" + "a=b;".repeat(50) + "c\r\nx\r\n").repeat(100), 0, true, End.NEVER);
        add("pipelining", "requests to no route, a thousand in a row", 8, false, "", none.repeat(1000), 0, true, End.NEVER);
        add("pipelining-blind", "the same, answers never read", 64, false, "", get.repeat(1000), 0, false, End.NEVER);
        add("resets", "a request and a reset at once (F12)", 64, false, get, null, 0, true, End.RESET);
        add("half-close", "half a head and a half-close (F12)", 2000, false, "GET / HT", null, 0, true, End.HALF);
        ALL.put("rate-keys", new Plan("rate-keys", "a rate-limited route, a new client address in every request (F6)", 16, false, new byte[0], null, 0, true, End.NEVER));
        h2("h2-requests", "more streams than it may have, answers read", 8, true);
        h2("h2-rapid-reset", "opens streams and resets them (C1)", 8, true);
        h2("h2-made-you-reset", "opens streams and breaks them, so that we reset them (C2)", 8, true);
        h2("h2-continuation", "a head that never ends in frames of one byte and none (C3)", 8, true);
        h2("h2-hpack-bomb", "12,000 references to a field of 3 KB in each head (C4, C5)", 8, true);
        h2("h2-settings", "SETTINGS without end (C8)", 8, true);
        h2("h2-ping", "PING without end (C8)", 8, true);
        h2("h2-priority", "PRIORITY without end (C8)", 8, true);
        h2("h2-windows", "WINDOW_UPDATE without end (C8)", 8, true);
        h2("h2-empty-data", "DATA of no bytes without end (C8)", 8, true);
        h2("h2-window-stall", "asks for 100 times 4 MiB with a window of none (C9)", 50, true);
    }

    boolean h2() {
        return name.startsWith("h2-");
    }

    private static void h2(String name, String what, int connections, boolean reads) {
        ALL.put(name, new Plan(name, what, connections, false, new byte[0], null, 0, reads, End.NEVER));
    }

    private static void add(String name, String what, int connections, boolean tls, String first, String again, int every, boolean reads, End end) {
        ALL.put(name, new Plan(name, what, connections, tls, bytes(first), bytes(again), every, reads, end));
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
