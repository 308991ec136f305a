package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.fairway.dataplane.message.Header;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpSubrequestsTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;

    @BeforeEach
    void serve() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    asked.add(
                            exchange.getRequestMethod()
                                    + " "
                                    + exchange.getRequestURI()
                                    + " "
                                    + exchange.getProtocol()
                                    + " host="
                                    + exchange.getRequestHeaders().getFirst("Host")
                                    + " a="
                                    + exchange.getRequestHeaders().get("X-A"));
                    exchange.getResponseHeaders().add("Location", "/elsewhere");
                    exchange.getResponseHeaders().add("Set-Cookie", "a=1");
                    exchange.getResponseHeaders().add("Set-Cookie", "b=2");
                    exchange.sendResponseHeaders(302, 5);
                    exchange.getResponseBody().write("hello".getBytes());
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.close();
    }

    private Subrequests.Reply send(String url, Header... headers) {
        return new HttpSubrequests(threads, true)
                .send(new Subrequests.Call("GET", url, List.of(headers)))
                .toCompletableFuture()
                .join();
    }

    @Test
    void a_call_is_made_as_told_and_no_redirect_is_followed() {
        String authority = "127.0.0.1:" + server.getAddress().getPort();
        Subrequests.Reply reply =
                send(
                        "http://" + authority + "/check?u=%2F",
                        new Header("x-a", "1"),
                        new Header("x-a", "2"),
                        new Header("host", "evil"),
                        new Header("content-length", "9"));
        assertEquals(302, reply.status());
        assertEquals(List.of("a=1", "b=2"), reply.all("Set-Cookie"));
        assertEquals(List.of("GET /check?u=%2F HTTP/1.1 host=" + authority + " a=[1, 2]"), asked);
    }

    @Test
    void what_is_no_http_url_of_a_host_is_not_asked() {
        for (String url : List.of("file:///etc/passwd", "http:///x", "ftp://h/", "x")) {
            CompletionException e = assertThrows(CompletionException.class, () -> send(url), url);
            assertTrue(e.getCause() instanceof IllegalArgumentException, e.toString());
        }
    }
}
