import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Clients that ask at a fixed rate whatever the answers take, plain and over TLS, on kept connections that are opened anew now and then.
 * A request that gets no 200 within five seconds has failed.
 */
final class Honest {
    private static final int CLIENTS = 8;
    private static final int OF_THEM_TLS = 2;
    private static final int REQUESTS_PER_CONNECTION = 50;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final SSLContext TRUSTING = trusting();

    private final Target target;
    private final double rate;

    record Result(long requests, long failures, double p99Millis, double seconds) {
        double success() {
            return requests == 0 ? 0 : 1 - (double) failures / requests;
        }

        double perSecond() {
            return (requests - failures) / seconds;
        }
    }

    /** @param rate requests per second, of all clients together; 0: one after another as fast as they are answered */
    Honest(Target target, double rate) {
        this.target = target;
        this.rate = rate;
    }

    Result run(long millis) throws InterruptedException {
        long began = System.nanoTime();
        long until = began + millis * 1_000_000;
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Client client = new Client(i < OF_THEM_TLS, until, i);
            clients.add(client);
            client.start();
        }
        for (Client client : clients) {
            client.join();
        }
        long[] all = clients.stream().flatMapToLong(client -> Arrays.stream(client.nanos, 0, client.requests)).sorted().toArray();
        long failures = clients.stream().mapToLong(client -> client.failures).sum();
        double p99 = all.length == 0 ? 0 : all[(int) Math.min(all.length - 1, all.length * 0.99)] / 1e6;
        return new Result(all.length, failures, p99, (System.nanoTime() - began) / 1e9);
    }

    private final class Client extends Thread {
        private final boolean tls;
        private final long until;
        private final int index;
        long[] nanos = new long[1024];
        int requests;
        long failures;
        private Socket socket;
        private InputStream in;
        private int used;

        Client(boolean tls, long until, int index) {
            this.tls = tls;
            this.until = until;
            this.index = index;
        }

        @Override
        public void run() {
            long step = rate == 0 ? 0 : (long) (1e9 * CLIENTS / rate);
            long due = System.nanoTime() + step * index / CLIENTS;
            while (due < until && (rate > 0 || System.nanoTime() < until)) {
                long wait = due - System.nanoTime();
                if (wait > 0) {
                    java.util.concurrent.locks.LockSupport.parkNanos(wait);
                    continue;
                }
                long from = rate == 0 ? System.nanoTime() : due;
                boolean good = ask();
                if (!good) {
                    failures++;
                }
                if (requests == nanos.length) {
                    nanos = Arrays.copyOf(nanos, requests * 2);
                }
                nanos[requests++] = System.nanoTime() - from;
                due += step;
            }
            close();
        }

        private boolean ask() {
            try {
                if (socket == null) {
                    connect();
                }
                socket.getOutputStream().write(GET);
                Wire.Head head = Wire.head(in);
                if (head == null) {
                    close();
                    return false;
                }
                Wire.skipBody(head, in);
                if (head.closes() || ++used >= REQUESTS_PER_CONNECTION) {
                    close();
                }
                return head.first().startsWith("HTTP/1.1 200");
            } catch (IOException e) {
                close();
                return false;
            }
        }

        private void connect() throws IOException {
            Socket plain = new Socket();
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(5_000);
            plain.connect(new InetSocketAddress("127.0.0.1", tls ? target.https() : target.http()), 5_000);
            socket = tls ? TRUSTING.getSocketFactory().createSocket(plain, "a.test", 443, true) : plain;
            in = new BufferedInputStream(socket.getInputStream());
            used = 0;
        }

        private void close() {
            try {
                if (socket != null) {
                    socket.close();
                }
            } catch (IOException e) {
                // gone
            }
            socket = null;
        }
    }

    private static SSLContext trusting() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new X509TrustManager() {
                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type) {}

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            }}, new SecureRandom());
            return context;
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
