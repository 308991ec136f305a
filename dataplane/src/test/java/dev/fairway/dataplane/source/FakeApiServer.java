package dev.fairway.dataplane.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fairway.contract.codec.Chunks;
import dev.fairway.contract.codec.SharedConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** As much of the Kubernetes API as a reader of shared config sees, and its ways to fail. */
final class FakeApiServer implements AutoCloseable {
    private static final String NAMESPACE = "/api/v1/namespaces/config/";

    private final HttpServer server;
    private final Map<String, String> objects = new ConcurrentHashMap<>();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<String> tokens = new CopyOnWriteArrayList<>();
    private volatile String manifest;
    private volatile int version = 100;
    volatile int failure;

    FakeApiServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory()));
        server.createContext("/", this::answer);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Stores the chunks, replaces the manifest and tells it to whoever watches. */
    void publish(String id, Publications publication) {
        chunks(id, publication);
        manifest(publication);
    }

    void chunks(String id, Publications publication) {
        for (Chunks.Chunk chunk : publication.open()) {
            String text = new String(chunk.bytes(), StandardCharsets.UTF_8);
            objects.put("configmaps/" + SharedConfig.chunkName(id, chunk.hash()), text);
        }
        for (Chunks.Chunk chunk : publication.keys()) {
            objects.put(
                    "secrets/" + SharedConfig.chunkName(id, chunk.hash()),
                    Base64.getEncoder().encodeToString(chunk.bytes()));
        }
    }

    void manifest(Publications publication) {
        version++;
        manifest =
                object("manifest", new String(publication.manifestBytes(), StandardCharsets.UTF_8));
        events.add("{\"type\":\"MODIFIED\",\"object\":" + manifest + "}");
    }

    /** Sent to the open watch as it is; {@code cut} ends the watch without a word. */
    void event(String text) {
        events.add(text);
    }

    /** The manifest changes while nobody watches. */
    void manifestUnseen(Publications publication) {
        manifest(publication);
        events.clear();
    }

    void forgetEvents() {
        events.clear();
    }

    private String object(String key, String value) {
        return "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\",\"managedFields\":[{\"a\":{}}],"
                + "\"resourceVersion\":\""
                + version
                + "\"},\"data\":{\"other\":\"y\",\""
                + key
                + "\":"
                + quote(value)
                + "}}";
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String query = String.valueOf(exchange.getRequestURI().getQuery());
            requests.add(path + "?" + query);
            tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            if (failure != 0) {
                exchange.sendResponseHeaders(failure, -1);
            } else if (query.contains("watch=1")) {
                watch(exchange);
            } else if (query.contains("fieldSelector")) {
                String items = manifest == null ? "" : manifest;
                send(
                        exchange,
                        "{\"kind\":\"ConfigMapList\",\"metadata\":{\"resourceVersion\":\""
                                + version
                                + "\"},\"items\":["
                                + items
                                + "]}");
            } else {
                String value = objects.get(path.substring(NAMESPACE.length()));
                if (value == null) {
                    exchange.sendResponseHeaders(404, -1);
                } else {
                    send(exchange, object(SharedConfig.CHUNK_KEY, value));
                }
            }
        }
    }

    private void watch(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.flush();
        try {
            while (true) {
                String event = events.poll(30, TimeUnit.SECONDS);
                if (event == null || event.equals("cut")) {
                    return;
                }
                if (event.equals("silence")) {
                    // As when packets are dropped: neither an event nor an end, ever.
                    Thread.sleep(60_000);
                    return;
                }
                // In two pieces: events do not come in packets.
                byte[] bytes = (event + "\n").getBytes(StandardCharsets.UTF_8);
                out.write(bytes, 0, bytes.length / 2);
                out.flush();
                out.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
