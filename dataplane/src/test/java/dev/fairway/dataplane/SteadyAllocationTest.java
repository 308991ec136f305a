package dev.fairway.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.dataplane.source.Publications;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How much garbage a request makes once connections stand: routing, forwarding and counting included,
 * the access log not. What the JIT can't yet prove to be local is counted too, so the ceilings are
 * several times what a warm process shows (README).
 */
class SteadyAllocationTest {
    private static final int REQUESTS = 2_000;

    @TempDir Path folder;
    private ResourceLeakDetector.Level watched = ResourceLeakDetector.Level.DISABLED;
    private ServerSocket backend;
    private Gateway gateway;

    @BeforeEach
    void open() throws Exception {
        watched = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // a record per buffer
        backend = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
        String[] flags = {
            "--config-folder=" + folder,
            "--bind=http=127.0.0.1:0",
            "--bind=https=127.0.0.1:0",
            "--admin=127.0.0.1:0",
            "--workers=1",
            "--access-log=off"
        };
        gateway =
                switch (ProcessSettings.parse(flags, Map.of(), new Machine(2, 200_000, 1L << 40))) {
                    case ProcessSettings.Parsed.Ready(ProcessSettings settings) ->
                            new Gateway(settings, OutputStream.nullOutputStream(), reason -> {});
                    case ProcessSettings.Parsed other -> throw new AssertionError(other.toString());
                };
        gateway.start();
        Snapshot snapshot =
                new Snapshot(
                        Settings.DEFAULTS,
                        Listener.DEFAULTS,
                        List.of(),
                        List.of(Publications.virtualHost("a.example")));
        Endpoints endpoints = Publications.endpoint("127.0.0.1", backend.getLocalPort());
        Publications.of(1, 1, snapshot, endpoints, new Keys(List.of())).writeTo(folder);
        for (int i = 0; gateway.listening().get("http") == null; i++) {
            assertTrue(i < 1_000, "listening within 10 s");
            Thread.sleep(10);
        }
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        backend.close();
        ResourceLeakDetector.setLevel(watched);
    }

    @Test
    void a_get_leaves_less_than_256_bytes_behind() throws Exception {
        assertTrue(
                bytesPerRequest("GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: test/1\r\n\r\n")
                        < 256);
    }

    @Test
    void a_post_of_10_kib_leaves_less_than_1_kib_behind() throws Exception {
        String head = "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10240\r\n\r\n";
        assertTrue(bytesPerRequest(head + "x".repeat(10240)) < 1024);
    }

    private long bytesPerRequest(String request) throws Exception {
        byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
        try (Socket client =
                new Socket(
                        InetAddress.getLoopbackAddress(),
                        gateway.listening().get("http").getPort())) {
            client.setTcpNoDelay(true);
            exchange(client, bytes, REQUESTS);
            long before = allocated();
            exchange(client, bytes, REQUESTS);
            long each = (allocated() - before) / REQUESTS;
            System.out.println(request.substring(0, 4) + ": " + each + " bytes of garbage");
            return each;
        }
    }

    private static void exchange(Socket client, byte[] request, int times) throws IOException {
        InputStream in = client.getInputStream();
        for (int i = 0; i < times; i++) {
            client.getOutputStream().write(request);
            String head = head(in);
            assertEquals("HTTP/1.1 200 OK", head.substring(0, 15));
            in.skipNBytes(128);
        }
    }

    /** Of the one event loop. */
    private static long allocated() {
        long loop =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("fairway-loop"))
                        .mapToLong(Thread::threadId)
                        .max()
                        .orElseThrow();
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getThreadAllocatedBytes(loop);
    }

    private void serve() {
        String head =
                "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 128\r\n\r\n";
        byte[] response = (head + "y".repeat(128)).getBytes(StandardCharsets.ISO_8859_1);
        while (!backend.isClosed()) {
            try {
                Socket accepted = backend.accept();
                Thread.ofVirtual().start(() -> answer(accepted, response));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void answer(Socket socket, byte[] response) {
        try (socket) {
            InputStream in = socket.getInputStream();
            for (String head; !(head = head(in)).isEmpty(); ) {
                in.skipNBytes(head.startsWith("POST") ? 10_240 : 0);
                socket.getOutputStream().write(response);
            }
        } catch (IOException e) {
            // the proxy closed it
        }
    }

    /** Up to the empty line; empty at the end. */
    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int c = in.read();
            if (c < 0) {
                return "";
            }
            head.append((char) c);
        }
        return head.toString();
    }
}
