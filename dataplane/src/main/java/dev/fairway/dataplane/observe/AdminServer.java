package dev.fairway.dataplane.observe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The pages for probes, scrapers and operators, on a port of their own that traffic can't reach
 * (attack ledger A15): GET only, nothing can be changed, no secret is shown.
 */
public final class AdminServer implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int BACKLOG = 64;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    private final HttpServer server;
    private final ExecutorService threads =
            Executors.newFixedThreadPool(
                    THREADS, Thread.ofPlatform().daemon().name("admin-", 0).factory());
    private final Probes probes;
    private final SnapshotStatus status;
    private final Metrics metrics;

    private record Page(int status, String type, String body) {}

    private interface Pages {
        Page of(HttpExchange exchange);
    }

    /**
     * @throws IOException when the address can't be bound
     */
    public AdminServer(
            InetSocketAddress address, Probes probes, SnapshotStatus status, Metrics metrics)
            throws IOException {
        // The JDK's server reads these once: a peer that stalls must not keep a thread.
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxRspTime", "30");
        System.setProperty("jdk.httpserver.maxConnections", "64");
        this.probes = probes;
        this.status = status;
        this.metrics = metrics;
        server = bind(address);
        server.setExecutor(threads);
        page("/healthz", _ -> health());
        page("/readyz", _ -> readiness());
        page(
                "/metrics",
                _ -> new Page(200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
        page("/status", _ -> new Page(200, JSON, statusText()));
        page("/snapshot", this::snapshot);
        page("/", _ -> new Page(404, TEXT, "no such page\n"));
    }

    private static HttpServer bind(InetSocketAddress address) throws IOException {
        try {
            return HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new IOException(
                    "admin pages can't be bound to " + address + ": " + e.getMessage(), e);
        }
    }

    public void start() {
        server.start();
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void page(String path, Pages pages) {
        server.createContext(
                path,
                exchange -> {
                    try (exchange) {
                        send(exchange, answer(path, exchange, pages));
                    }
                });
    }

    private static Page answer(String path, HttpExchange exchange, Pages pages) {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET")) {
            exchange.getResponseHeaders().set("Allow", "GET");
            return new Page(405, TEXT, "GET only\n");
        }
        // Contexts match prefixes.
        if (!path.equals("/") && !exchange.getRequestURI().getPath().equals(path)) {
            return new Page(404, TEXT, "no such page\n");
        }
        return pages.of(exchange);
    }

    private static void send(HttpExchange exchange, Page page) throws IOException {
        byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", page.type());
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.sendResponseHeaders(page.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    private Page health() {
        return probes.alive()
                ? new Page(200, TEXT, "ok\n")
                : new Page(503, TEXT, "an event loop does not answer\n");
    }

    private Page readiness() {
        List<String> reasons = probes.unready();
        return reasons.isEmpty()
                ? new Page(200, TEXT, "ready\n")
                : new Page(503, TEXT, String.join("\n", reasons) + "\n");
    }

    private String statusText() {
        StringBuilder out = new StringBuilder(512);
        JsonText json = new JsonText(out).open();
        List<String> reasons = probes.unready();
        json.truth("ready", reasons.isEmpty());
        json.openList("unready");
        reasons.forEach(json::element);
        json.closeList();
        SnapshotStatus.Active active = status.active();
        if (active != null) {
            json.open("active")
                    .number("epoch", active.epoch())
                    .number("sequence", active.sequence())
                    .text("routes", active.routes())
                    .text("endpoints", active.endpoints())
                    .text("keys", active.keys())
                    .text("since", active.since().toString())
                    .text("source", active.source())
                    .close();
        }
        SnapshotStatus.Refusal last = status.lastRefusal();
        if (last != null) {
            json.open("lastRefusal")
                    .text("reason", last.reason())
                    .text("text", last.text())
                    .text("at", last.at().toString())
                    .close();
        }
        json.open("refused");
        status.refusals().forEach(json::number);
        json.close();
        json.close();
        return out.append('\n').toString();
    }

    /** Names services, users' hosts and policies: for whoever is in the pod, nobody else. */
    private Page snapshot(HttpExchange exchange) {
        if (!exchange.getRemoteAddress().getAddress().isLoopbackAddress()) {
            return new Page(403, TEXT, "from loopback only\n");
        }
        String routes = probes.routes();
        SnapshotStatus.Active active = status.active();
        if (routes == null || active == null) {
            return new Page(404, TEXT, "no snapshot is active\n");
        }
        StringBuilder out = new StringBuilder(routes.length() + 128);
        out.append("{\"epoch\":").append(active.epoch());
        out.append(",\"sequence\":").append(active.sequence()).append(",\"routes\":[\n");
        out.append(routes.strip().replace("\n", ",\n")).append("\n]}\n");
        return new Page(200, JSON, out.toString());
    }
}
