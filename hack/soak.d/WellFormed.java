import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;

/** Requests that must all be answered, and answered right: each client a loop on a virtual thread of its own. */
final class WellFormed {
    private static final byte[] BODY = new byte[10 << 10];
    private final Halves halves;
    private final Tally tally;
    private final SSLContext tls;
    private final BooleanSupplier on;

    WellFormed(Halves halves, Tally tally, SSLContext tls, BooleanSupplier on) {
        this.halves = halves;
        this.tally = tally;
        this.tls = tls;
        this.on = on;
        Arrays.fill(BODY, (byte) 'x');
    }

    /** GET small and large, POST with a length and in chunks, in turn; a pause after each, so that the machine is not all they use. */
    void keepAlive(int seed) {
        Client client = new Client(halves.http, null);
        for (int i = seed; on.getAsBoolean(); i++) {
            one(client, i % 10, "keep-alive");
            Client.sleep(5);
        }
        quietly(client);
    }

    /** The same over TLS, a new handshake every twenty requests. */
    void secure(int seed) {
        Client client = new Client(halves.https, tls);
        for (int i = seed; on.getAsBoolean(); i++) {
            one(client, i % 10, "TLS");
            if (i % 20 == 0) {
                quietly(client);
            }
            Client.sleep(10);
        }
        quietly(client);
    }

    /** Heads that come letter by letter, bodies taken a few KiB at a time; within every limit, so to be served whole. */
    void slow() {
        while (on.getAsBoolean()) {
            long begun = System.nanoTime();
            try (Client client = new Client(halves.http, null)) {
                OutputStream out = client.out();
                for (byte letter : head("GET /bytes/200000", "")) {
                    out.write(letter);
                    Client.sleep(10);
                }
                check(client.answer(20), 200_000, null, "slow", begun, false);
            } catch (IOException e) {
                failed("slow", e);
            }
        }
    }

    private void one(Client client, int kind, String who) {
        long begun = System.nanoTime();
        try {
            OutputStream out = client.out();
            switch (kind) {
                case 0 -> {
                    out.write(head("GET /bytes/102400", ""));
                    check(client.answer(), 102_400, null, who, begun, true);
                }
                case 1 -> {
                    out.write(head("POST /sum", "Content-Length: " + BODY.length + "\r\n"));
                    out.write(BODY);
                    check(client.answer(), -1, "" + BODY.length, who, begun, true);
                }
                case 2 -> {
                    out.write(head("POST /sum", "Transfer-Encoding: chunked\r\n"));
                    for (int part = 0; part < 4; part++) {
                        out.write("800\r\n".getBytes());
                        out.write(BODY, 0, 0x800);
                        out.write("\r\n".getBytes());
                    }
                    out.write("0\r\n\r\n".getBytes());
                    check(client.answer(), -1, "" + 4 * 0x800, who, begun, true);
                }
                default -> {
                    out.write(head("GET /bytes/" + (kind * 100), "Accept: */*\r\nCookie: a=b\r\nUser-Agent: soak\r\n"));
                    check(client.answer(), kind * 100, null, who, begun, true);
                }
            }
        } catch (IOException e) {
            failed(who + ", kind " + kind, e);
            quietly(client);
        }
    }

    private void check(Client.Answer answer, long length, String start, String who, long begun, boolean timed) {
        if (answer.status() != 200 || (length >= 0 && answer.length() != length) || (start != null && !answer.start().equals(start))) {
            tally.failed(who + " got " + answer);
        } else if (timed) {
            tally.answered(System.nanoTime() - begun);
        } else {
            tally.answered.incrementAndGet();
        }
    }

    private void failed(String who, IOException e) {
        tally.failed(who + ": " + e);
    }

    static byte[] head(String line, String fields) {
        return (line + " HTTP/1.1\r\nHost: " + Halves.HOST + "\r\n" + fields + "\r\n").getBytes();
    }

    private static void quietly(Client client) {
        try {
            client.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
