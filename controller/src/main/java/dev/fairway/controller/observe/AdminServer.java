package dev.fairway.controller.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fairway.controller.compile.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The admin port: {@code /healthz} (the process runs), {@code /readyz} (and why it isn't ready),
 * {@code /metrics}, {@code /problems}. Reads only, GET only, no secrets.
 */
public final class AdminServer implements AutoCloseable {

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String JSON = "application/json";
    private static final JsonFactory JSON_FACTORY = new JsonFactory();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private record Reply(int status, String type, String body) {}

    public AdminServer(
            InetSocketAddress address,
            Health health,
            ControllerMetrics metrics,
            Supplier<List<Problem>> problems)
            throws IOException {
        server = HttpServer.create(address, 64);
        server.setExecutor(threads);
        serve("/healthz", () -> new Reply(200, TEXT, "ok\n"));
        serve("/readyz", () -> ready(health));
        serve("/metrics", () -> new Reply(200, METRICS, metrics.text()));
        serve("/problems", () -> new Reply(200, JSON, json(problems.get())));
    }

    public void start() {
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static Reply ready(Health health) {
        List<String> reasons = health.notReady();
        return reasons.isEmpty()
                ? new Reply(200, TEXT, "ok\n")
                : new Reply(503, TEXT, String.join("\n", reasons) + "\n");
    }

    private void serve(String path, Supplier<Reply> reply) {
        server.createContext(
                path,
                exchange -> {
                    try (exchange) {
                        answer(exchange, path, reply);
                    }
                });
    }

    private static void answer(HttpExchange exchange, String path, Supplier<Reply> reply)
            throws IOException {
        // the JDK's server matches prefixes: /healthzz is not /healthz
        Reply answer =
                !exchange.getRequestURI().getPath().equals(path)
                        ? new Reply(404, TEXT, "not found\n")
                        : exchange.getRequestMethod().equals("GET")
                                ? reply.get()
                                : new Reply(405, TEXT, "GET only\n");
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    private static String json(List<Problem> problems) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON_FACTORY.createGenerator(out)) {
            json.writeStartArray();
            for (Problem problem : problems) {
                json.writeStartObject();
                json.writeStringField("code", problem.code());
                json.writeStringField("kind", problem.object().kind());
                json.writeStringField("namespace", problem.object().namespace());
                json.writeStringField("name", problem.object().name());
                json.writeStringField("field", problem.field());
                json.writeStringField("text", problem.text());
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory", e);
        }
        return out.toString(StandardCharsets.UTF_8) + "\n";
    }
}
