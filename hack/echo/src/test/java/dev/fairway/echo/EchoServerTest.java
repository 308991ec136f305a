package dev.fairway.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EchoServerTest {
    private EchoServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws Exception {
        server =
                EchoServer.start(
                        Settings.parse(
                                new String[] {"--port=0", "--bind=127.0.0.1", "--name=one"},
                                Map.of("HOSTNAME", "pod-7")));
    }

    @AfterEach
    void stop() {
        client.close();
        server.drain();
    }

    private HttpRequest.Builder at(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.address().getPort() + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private String raw(String request) throws Exception {
        try (var socket = new Socket("127.0.0.1", server.address().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void tells_what_it_was_asked_with_headers_in_order() throws Exception {
        var answer =
                raw(
                        "POST /a%2Fb?c=d HTTP/1.1\r\nHost: h\r\nX-B: 2\r\nX-A: \"1\"\r\nX-B: 3\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertTrue(answer.contains("\"name\": \"one\""), answer);
        assertTrue(answer.contains("\"pod\": \"pod-7\""), answer);
        assertTrue(answer.contains("\"target\": \"/a%2Fb?c=d\""), answer);
        assertTrue(answer.contains("\"bodyLength\": 5"), answer);
        assertTrue(
                answer.contains(
                        "[\"x-b\", \"2\"],\n    [\"x-a\", \"\\\"1\\\"\"],\n    [\"x-b\", \"3\"]"),
                answer);
    }

    @Test
    void reads_chunked_bodies_with_trailers_and_keeps_the_connection() throws Exception {
        var answer =
                raw(
                        "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX-T: end\r\n\r\n"
                                + "GET /status/418 HTTP/1.1\r\nConnection: close\r\n\r\n");
        assertTrue(answer.contains("\"bodyLength\": 13"), answer);
        assertTrue(answer.contains("[\"x-t\", \"end\"]"), answer);
        assertTrue(answer.contains("HTTP/1.1 418 "), answer);
    }

    @Test
    void writes_trailers_after_its_chunks() throws Exception {
        var answer = raw("GET /trailers HTTP/1.1\r\nConnection: close\r\n\r\n");
        assertTrue(
                answer.endsWith("8\r\nchunk 3\n\r\n0\r\nx-checksum: 3\r\nx-end: true\r\n\r\n"),
                answer);
    }

    @Test
    void asks_for_the_body_only_when_it_is_offered() throws Exception {
        var answer =
                raw(
                        "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), answer);
    }

    @Test
    void sends_as_many_bytes_as_asked_and_none_for_HEAD() throws Exception {
        assertEquals(200_000, send(at("/bytes/200000")).body().length());
        var head = send(at("/bytes/7").method("HEAD", BodyPublishers.noBody()));
        assertEquals("7", head.headers().firstValue("content-length").orElseThrow());
        assertEquals("", head.body());
        assertEquals(204, send(at("/status/204")).statusCode());
    }

    @Test
    void probes_follow_their_switches() throws Exception {
        assertEquals(200, send(at("/ready")).statusCode());
        send(at("/ready?ok=0").POST(BodyPublishers.noBody()));
        assertEquals(503, send(at("/ready")).statusCode());
        assertEquals(200, send(at("/live")).statusCode());
        send(at("/ready?ok=1").POST(BodyPublishers.noBody()));
        assertEquals(200, send(at("/ready")).statusCode());
    }

    @Test
    void lets_in_only_good_credentials() throws Exception {
        assertEquals(401, send(at("/auth")).statusCode());
        assertEquals(401, send(at("/auth").header("Authorization", "Bearer bad")).statusCode());
        var good = send(at("/auth").header("Cookie", "a=b; session=good"));
        assertEquals(200, good.statusCode());
        assertEquals("alice", good.headers().firstValue("x-auth-user").orElseThrow());
    }

    @Test
    void answers_as_an_error_page_with_the_code_it_was_told() throws Exception {
        var page = send(at("/whatever").header("X-Code", "503").header("X-Format", "text/html"));
        assertEquals(503, page.statusCode());
        assertEquals("text/html", page.headers().firstValue("echo-x-format").orElseThrow());
    }

    @Test
    void a_malformed_request_is_400_and_the_end() throws Exception {
        assertTrue(raw("GET /\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertTrue(raw("GET /delay/soon HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 400 "));
    }

    @Test
    void websocket_messages_come_back() throws Exception {
        var text = new CompletableFuture<String>();
        var pong = new CompletableFuture<String>();
        var closed = new CompletableFuture<Integer>();
        var listener =
                new WebSocket.Listener() {
                    private final StringBuilder received = new StringBuilder();

                    @Override
                    public CompletionStage<?> onText(
                            WebSocket socket, CharSequence data, boolean last) {
                        received.append(data);
                        if (last) {
                            text.complete(received.toString());
                        }
                        socket.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
                        pong.complete(StandardCharsets.US_ASCII.decode(message).toString());
                        socket.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                        closed.complete(status);
                        return null;
                    }
                };
        var socket =
                client.newWebSocketBuilder()
                        .buildAsync(
                                URI.create("ws://127.0.0.1:" + server.address().getPort() + "/ws"),
                                listener)
                        .get(5, TimeUnit.SECONDS);
        var message = "ä".repeat(50_000);
        socket.sendText(message, true).get(5, TimeUnit.SECONDS);
        assertEquals(message, text.get(5, TimeUnit.SECONDS));
        socket.sendPing(ByteBuffer.wrap("p".getBytes(StandardCharsets.US_ASCII)))
                .get(5, TimeUnit.SECONDS);
        assertEquals("p", pong.get(5, TimeUnit.SECONDS));
        socket.sendClose(1000, "done").get(5, TimeUnit.SECONDS);
        assertEquals(1000, closed.get(5, TimeUnit.SECONDS));
    }

    @Test
    void a_request_in_flight_outlives_the_drain() throws Exception {
        var answer = client.sendAsync(at("/delay/400").build(), BodyHandlers.ofString());
        Thread.sleep(150);
        server.drain();
        var response = answer.get(5, TimeUnit.SECONDS);
        assertEquals(200, response.statusCode());
        assertEquals("close", response.headers().firstValue("connection").orElse(null));
        var refused = client.sendAsync(at("/").build(), BodyHandlers.ofString());
        assertNull(
                refused.handle((r, e) -> e == null ? "answered" : null).get(5, TimeUnit.SECONDS));
    }
}
