package dev.fairway.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a server that answers pings, or stops to. */
class HeartbeatTest {
    private static final int PING = 0x89;
    private static final int PONG = 0x8A;

    private final ServerSocket listener;
    private final HttpClient client =
            new HeartbeatClient.Building(
                            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1),
                            Duration.ofMillis(50),
                            Duration.ofMillis(400))
                    .build();
    private volatile boolean answers = true;

    HeartbeatTest() throws IOException {
        listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        client.shutdownNow();
    }

    @Test
    void a_quiet_watch_whose_server_answers_pings_lives() throws Exception {
        CompletableFuture<Throwable> failed = watch();
        assertNull(failed.completeOnTimeout(null, 1_200, TimeUnit.MILLISECONDS).get());
    }

    @Test
    void a_watch_that_gives_no_sign_of_life_fails() throws Exception {
        CompletableFuture<Throwable> failed = watch();
        try {
            failed.get(600, TimeUnit.MILLISECONDS);
        } catch (TimeoutException alive) {
            answers = false;
        }
        assertTrue(!answers, "it failed while pings were answered");
        assertEquals(IOException.class, failed.get(3, TimeUnit.SECONDS).getClass());
    }

    private CompletableFuture<Throwable> watch() throws Exception {
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        client.newWebSocketBuilder()
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + listener.getLocalPort() + "/"),
                        new WebSocket.Listener() {
                            @Override
                            public void onError(WebSocket socket, Throwable error) {
                                failed.complete(error);
                            }
                        })
                .get(5, TimeUnit.SECONDS);
        return failed;
    }

    private void serve() {
        try (Socket socket = listener.accept()) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            String from = "Sec-WebSocket-Key: ";
            int key = head.indexOf(from) + from.length();
            String accept =
                    Base64.getEncoder()
                            .encodeToString(
                                    MessageDigest.getInstance("SHA-1")
                                            .digest(
                                                    (head.substring(key, head.indexOf("\r", key))
                                                                    + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                                            .getBytes(StandardCharsets.US_ASCII)));
            out.write(
                    ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                    + "Connection: Upgrade\r\nSec-WebSocket-Accept: "
                                    + accept
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            while (true) {
                int first = in.read();
                int length = in.read() & 0x7f;
                if (first < 0) {
                    return;
                }
                in.readNBytes(4 + length);
                if (first == PING && answers) {
                    out.write(new byte[] {(byte) PONG, 0});
                }
            }
        } catch (Exception e) {
            // the test is over
        }
    }
}
