import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Clients that do it wrong: malformed requests, one for every nineteen well-formed ones, and bodies given up in the middle. */
final class Hostile {
    private static final String HOST = "Host: " + Halves.HOST + "\r\n";
    private static final List<String> MALFORMED = List.of(
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\n" + HOST + HOST + "\r\n",
            "GET / HTTP/9.9\r\n" + HOST + "\r\n",
            "GET  / HTTP/1.1\r\n" + HOST + "\r\n",
            "G(T / HTTP/1.1\r\n" + HOST + "\r\n",
            "GET / HTTP/1.1\r\n" + HOST + "Bad Name: x\r\n\r\n",
            "GET / HTTP/1.1\r\n" + HOST + "Folded: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\n" + HOST + "Name : x\r\n\r\n",
            "GET / HTTP/1.1\r\n" + HOST + "Zero: a\0b\r\n\r\n",
            "GET /%00 HTTP/1.1\r\n" + HOST + "\r\n",
            "GET /../../etc/passwd HTTP/1.1\r\n" + HOST + "\r\n",
            "GET / HTTP/1.1\r\n" + HOST + "Long: " + "x".repeat(70_000) + "\r\n\r\n",
            "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "POST / HTTP/1.1\r\n" + HOST + "Content-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003" + "\u0007".repeat(100) + "\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + "\0".repeat(50));
    private final Halves halves;
    private final Tally tally;
    private final BooleanSupplier on;

    Hostile(Halves halves, Tally tally, BooleanSupplier on) {
        this.halves = halves;
        this.tally = tally;
        this.on = on;
    }

    void malformed() {
        for (int i = 0; on.getAsBoolean(); i++) {
            while (on.getAsBoolean() && tally.refused.get() * 19 > tally.answered.get()) {
                Client.sleep(2);
            }
            String request = MALFORMED.get(i % MALFORMED.size());
            try (Socket socket = new Socket("127.0.0.1", halves.http)) {
                socket.setSoTimeout(15_000);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                byte[] start = socket.getInputStream().readNBytes(12);
                String status = new String(start, StandardCharsets.ISO_8859_1);
                if (start.length < 12 || status.startsWith("HTTP/1.1 4") || status.startsWith("HTTP/1.1 5") || !status.startsWith("HTTP/1.1")) {
                    tally.refused();
                } else {
                    tally.accepted(status + " for " + request.substring(0, Math.min(60, request.length())).replace("\r\n", "\\r\\n"));
                }
            } catch (java.net.SocketTimeoutException e) {
                tally.accepted("nothing within 15 s for " + request.substring(0, Math.min(60, request.length())).replace("\r\n", "\\r\\n"));
            } catch (IOException e) {
                tally.refused(); // reset: closed while it was still sending
            }
        }
    }

    /** A request's body given up by the client, a response's likewise. */
    void aborts() {
        byte[] part = new byte[100 << 10];
        for (int i = 0; on.getAsBoolean(); i++) {
            Client client = new Client(halves.http, null);
            try {
                if (i % 2 == 0) {
                    client.out().write(WellFormed.head("POST /sum", "Content-Length: 1000000\r\n"));
                    client.out().write(part);
                } else {
                    client.out().write(WellFormed.head("GET /bytes/5000000", ""));
                    Client.sleep(5);
                }
                client.abort();
            } catch (IOException e) {
                // refused early: as good
            }
            tally.aborted.incrementAndGet();
            Client.sleep(50);
        }
    }
}
