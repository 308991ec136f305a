package dev.fairway.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.fairway.contract.CertificateBinding;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.dataplane.ProcessSettings.Parsed;
import dev.fairway.dataplane.proxy.Http2Client;
import dev.fairway.dataplane.proxy.Limit;
import dev.fairway.dataplane.proxy.Wire;
import dev.fairway.dataplane.source.Publications;
import dev.fairway.dataplane.tls.Authority;
import dev.fairway.dataplane.tls.TrustingTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole data plane in this process: a folder of published snapshots in, answers out. */
class GatewayTest {
    private static final KeyId KEY = new KeyId("tls/shop/a");

    @TempDir Path folder;
    private final ByteArrayOutputStream accessLog = new ByteArrayOutputStream();
    private final CompletableFuture<String> fatal = new CompletableFuture<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private Keys keys;
    private Gateway gateway;
    private Upstream blue;
    private Upstream green;

    @BeforeEach
    void open() throws Exception {
        blue = new Upstream("blue");
        green = new Upstream("green");
        keys = keys("a.example");
        gateway = gateway("http=127.0.0.1:0", "https=127.0.0.1:0");
        gateway.start();
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
        blue.close();
        green.close();
    }

    private Gateway gateway(String... binds) throws IOException {
        String[] flags = {
            "--config-folder=" + folder,
            "--admin=127.0.0.1:0",
            "--workers=2",
            "--drain-announce=300ms",
            "--drain-grace=5s",
            "--access-log=nginx",
            "",
            "",
            "--handshake-timeout=1s"
        };
        flags[6] = "--bind=" + binds[0];
        flags[7] = binds.length > 1 ? "--bind=" + binds[1] : "--transport=epoll";
        return switch (ProcessSettings.parse(flags, Map.of(), new Machine(2, 200_000, 1L << 40))) {
            case ProcessSettings.Parsed.Ready(ProcessSettings settings) ->
                    new Gateway(settings, accessLog, fatal::complete);
            case ProcessSettings.Parsed other -> throw new AssertionError(other.toString());
        };
    }

    private static Keys keys(String name) throws Exception {
        Keys.Key pair = new Authority("authority").issue(name);
        return new Keys(List.of(new Keys.Entry(KEY, pair)));
    }

    private static Snapshot snapshot(String host) {
        return new Snapshot(
                Settings.DEFAULTS,
                Listener.DEFAULTS,
                List.of(new CertificateBinding("a.example", Optional.of(KEY))),
                List.of(Publications.virtualHost(host)));
    }

    private void publish(long sequence, String host, Upstream upstream) throws Exception {
        Endpoints endpoints = Publications.endpoint("127.0.0.1", upstream.port());
        Publications.of(1, sequence, snapshot(host), endpoints, keys).writeTo(folder);
        await("snapshot " + sequence, () -> status().contains("\"sequence\":" + sequence + ","));
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1_000; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("not within 10 s: " + what);
    }

    private HttpResponse<String> admin(String method, String path) {
        try {
            return http.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:"
                                                    + gateway.adminAddress().getPort()
                                                    + path))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String status() {
        return admin("GET", "/status").body();
    }

    private Socket plain() throws IOException {
        Socket socket =
                new Socket(
                        InetAddress.getLoopbackAddress(),
                        gateway.listening().get("http").getPort());
        socket.setSoTimeout(5_000);
        return socket;
    }

    private SSLSocket secure(String name) throws Exception {
        SSLContext context = TrustingTls.context();
        Socket plain =
                new Socket(
                        InetAddress.getLoopbackAddress(),
                        gateway.listening().get("https").getPort());
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, name, 443, true);
        socket.setSoTimeout(5_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setProtocols(new String[] {"TLSv1.3"});
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static void says(String word, String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 200") && answer.endsWith(word), answer);
    }

    @Test
    void a_snapshot_is_served_over_http_and_https_swapped_and_followed() throws Exception {
        assertEquals(503, admin("GET", "/readyz").statusCode());
        assertTrue(admin("GET", "/readyz").body().contains("no snapshot"));
        assertEquals(200, admin("GET", "/healthz").statusCode());

        publish(1, "a.example", blue);
        await("ready", () -> admin("GET", "/readyz").statusCode() == 200);
        try (Socket client = plain();
                SSLSocket tls = secure("a.example")) {
            says("blue", Wire.ask(client, "a.example", "/one"));
            says("blue", Wire.ask(tls, "a.example", "/two"));
            assertTrue(Wire.ask(client, "b.example", "/").startsWith("HTTP/1.1 404"));

            // Only endpoints change: the connections stay, requests go elsewhere.
            publish(2, "a.example", green);
            says("green", Wire.ask(client, "a.example", "/three"));
            says("green", Wire.ask(tls, "a.example", "/four"));

            publish(3, "b.example", green);
            says("green", Wire.ask(client, "b.example", "/five"));
            assertTrue(Wire.ask(client, "a.example", "/six").startsWith("HTTP/1.1 404"));

            // A rotated key leaves the open connection alone.
            keys = keys("a.example");
            publish(4, "b.example", green);
            says("green", Wire.ask(tls, "b.example", "/seven"));
        }
        String metrics = admin("GET", "/metrics").body();
        assertTrue(
                metrics.contains(
                        "fairway_requests_total{host=\"b.example\",ingress=\"web\",method=\"GET\","
                                + "namespace=\"shop\",service=\"web\",status=\"200\"} 2.0"),
                metrics);
        assertTrue(metrics.contains("fairway_snapshot_sequence 4.0"), metrics);
        assertTrue(metrics.contains("fairway_certificate_expiry_seconds{host=\"a.example\"}"));
        assertTrue(metrics.contains("fairway_limit_total{limit=\"head-size\"} 0.0"), metrics);
        assertTrue(metrics.contains("fairway_request_duration_seconds_bucket{"), metrics);
        assertTrue(metrics.contains("jvm_memory_used_bytes"), metrics);
        await("access log", () -> accessLog.toString(StandardCharsets.UTF_8).contains("/seven"));
        String line =
                accessLog
                        .toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(l -> l.contains("/three"))
                        .findFirst()
                        .orElseThrow();
        assertTrue(
                line.matches(
                        "127\\.0\\.0\\.1 - - \\[.+\\] \"GET /three HTTP/1\\.1\" 200 5 \"-\" \"-\""
                                + " \\d+ \\d\\.\\d{3} \\[shop-web-http\\] \\[\\] 127\\.0\\.0\\.1:\\d+ 5"
                                + " \\d\\.\\d{3} 200 [0-9a-f]{32}"),
                line);
    }

    /** One that offers both protocols by ALPN. */
    private SSLSocket offeringBoth() throws Exception {
        SSLSocket socket = secure("a.example");
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    @Test
    void http2_is_spoken_over_tls_until_it_is_turned_off() throws Exception {
        publish(1, "a.example", blue);
        try (SSLSocket before = offeringBoth()) {
            assertEquals("h2", before.getApplicationProtocol());
            Http2Client client = new Http2Client(before).begin();
            Http2Client.Response first = client.askOf(1, "a.example").response(1);
            assertEquals(200, first.status);
            assertEquals("blue", first.body());

            Endpoints endpoints = Publications.endpoint("127.0.0.1", blue.port());
            Publications.of(1, 2, withoutHttp2(snapshot("a.example")), endpoints, keys)
                    .writeTo(folder);
            await("snapshot 2", () -> status().contains("\"sequence\":2,"));
            try (SSLSocket after = offeringBoth()) {
                assertEquals("http/1.1", after.getApplicationProtocol());
                says("blue", Wire.ask(after, "a.example", "/"));
            }
            // what is agreed on stays
            assertEquals("blue", client.askOf(3, "a.example").response(3).body());
        }
    }

    /** ConfigMap {@code use-http2: "false"}. */
    private static Snapshot withoutHttp2(Snapshot with) {
        Settings settings =
                Altered.with(with.settings(), "http2", Optional.of(new Settings.Http2(false, 100)));
        return new Snapshot(settings, with.listeners(), with.certificates(), with.hosts());
    }

    @Test
    void admin_pages_change_nothing_and_show_no_key() throws Exception {
        publish(1, "a.example", blue);
        for (String path : List.of("/healthz", "/readyz", "/metrics", "/status", "/snapshot")) {
            assertEquals(405, admin("POST", path).statusCode(), path);
        }
        assertEquals(404, admin("GET", "/healthz/../x").statusCode());
        String snapshot = admin("GET", "/snapshot").body();
        assertTrue(snapshot.contains("a.example"), snapshot);
        assertFalse(snapshot.contains("PRIVATE"), snapshot);
    }

    @Test
    void before_its_snapshot_its_listeners_and_its_warm_up_a_process_is_unready_for_each()
            throws Exception {
        try (Gateway still = gateway("http=127.0.0.1:0", "https=127.0.0.1:0")) {
            assertEquals(
                    List.of("no snapshot is active yet", "warming up"), still.probes().unready());
            still.start();
            await("warm", () -> !still.probes().unready().contains("warming up"));
            assertEquals(List.of("no snapshot is active yet"), still.probes().unready());
            publish(1, "a.example", blue);
            await("ready", () -> still.probes().unready().isEmpty());
            assertEquals(2, still.listening().size());
        }
    }

    @Test
    void a_listener_without_an_address_is_named_and_keeps_the_process_unready() throws Exception {
        try (Gateway half = gateway("http=127.0.0.1:0")) {
            Gateway whole = gateway;
            gateway = half;
            half.start();
            publish(1, "a.example", blue);
            HttpResponse<String> ready = admin("GET", "/readyz");
            assertEquals(503, ready.statusCode());
            assertTrue(ready.body().contains("listener https"), ready.body());
            gateway = whole;
        }
    }

    @Test
    void a_listener_whose_port_is_taken_is_fatal() throws Exception {
        Upstream taken = blue;
        try (Gateway second = gateway("http=127.0.0.1:" + taken.port(), "https=127.0.0.1:0")) {
            Gateway whole = gateway;
            gateway = second;
            second.start();
            publish(1, "a.example", blue);
            String reason = fatal.get(5, TimeUnit.SECONDS);
            assertTrue(reason.contains("listener http can't be bound"), reason);
            gateway = whole;
        }
    }

    @Test
    void a_restart_while_the_api_server_is_away_serves_the_last_good_snapshot() throws Exception {
        String[] kept = {
            "--admin=127.0.0.1:0",
            "--workers=1",
            "--bind=http=127.0.0.1:0",
            "--bind=https=127.0.0.1:0",
            "--access-log=off",
            "--state=" + folder.resolve("state"),
            "--keys=" + folder.resolve("memory")
        };
        Gateway whole = gateway;
        try {
            gateway = started(kept, "--config-folder=" + folder);
            publish(7, "a.example", blue);
            await("copy", () -> Files.exists(folder.resolve("state").resolve("manifest.json")));
            gateway.close();
            // Nobody listens on port 1.
            gateway = started(kept, "--config-namespace=config", "--api-server=http://127.0.0.1:1");
            await("ready", () -> admin("GET", "/readyz").statusCode() == 200);
            assertTrue(status().contains("\"sequence\":7,"), status());
            try (SSLSocket tls = secure("a.example")) {
                // In a cluster loopback is never a backend; the route and its certificate are back.
                assertTrue(Wire.ask(tls, "a.example", "/").startsWith("HTTP/1.1 503"));
            }
        } finally {
            gateway.close();
            gateway = whole;
        }
    }

    private Gateway started(String[] flags, String... more) throws IOException {
        String[] all = Arrays.copyOf(flags, flags.length + more.length);
        System.arraycopy(more, 0, all, flags.length, more.length);
        Parsed parsed = ProcessSettings.parse(all, Map.of(), new Machine(1, 200_000, 1L << 40));
        if (!(parsed instanceof Parsed.Ready(ProcessSettings settings))) {
            throw new AssertionError(parsed.toString());
        }
        Gateway started = new Gateway(settings, accessLog, fatal::complete);
        started.start();
        return started;
    }

    @Test
    void a_drain_turns_unready_at_once_and_fails_no_request() throws Exception {
        publish(1, "a.example", blue);
        try (Socket client = plain()) {
            says("blue", Wire.ask(client, "a.example", "/before"));
            CompletableFuture<Void> drained = CompletableFuture.runAsync(gateway::drain);
            await("unready", () -> admin("GET", "/readyz").statusCode() == 503);
            try (Socket late = plain()) {
                says("blue", Wire.ask(late, "a.example", "/during"));
            }
            drained.get(6, TimeUnit.SECONDS);
        }
    }

    @Test
    void every_limit_is_exported_before_it_ever_fired() throws Exception {
        publish(1, "a.example", blue);
        String metrics = admin("GET", "/metrics").body();
        for (Limit limit : Limit.values()) {
            String series = "fairway_limit_total{limit=\"" + limit.label() + "\"} 0.0";
            assertTrue(metrics.contains(series), series);
        }
        for (String series : List.of("ejections", "ejections_refused", "panics")) {
            String all = "fairway_upstream_" + series + "_total 0.0";
            assertTrue(metrics.contains(all), all);
        }
    }

    @Test
    void a_client_hello_that_stalls_or_is_huge_is_counted() throws Exception {
        publish(1, "a.example", blue);
        byte[] huge = Arrays.copyOf(new byte[] {22, 3, 1, 0, 100, 1, 0x10, 0, 0, 3, 3}, 105);
        byte[] stalled = {22, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3};
        for (byte[] hello : List.of(huge, stalled)) {
            InetSocketAddress https = gateway.listening().get("https");
            try (Socket client = new Socket(https.getAddress(), https.getPort())) {
                client.setSoTimeout(5_000);
                client.getOutputStream().write(hello);
                client.getInputStream().readAllBytes();
            } catch (SocketException e) {
                // reset, which is as good an end
            }
        }
        for (String limit : List.of("client-hello-size", "handshake-time")) {
            String once = "fairway_limit_total{limit=\"" + limit + "\"} 1.0";
            await(once, () -> admin("GET", "/metrics").body().contains(once));
        }
    }

    /**
     * After a TLS 1.3 handshake a BoringSSL server has nothing to send, so nothing carries its ACK;
     * a client with Nagle on would hold its request back for the 40 ms of a delayed one.
     */
    @Test
    void a_client_with_nagle_on_does_not_wait_for_its_first_answer() throws Exception {
        publish(1, "a.example", blue);
        List<Duration> took = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            took.add(NagleClient.firstAnswer(gateway.listening().get("https"), "a.example"));
        }
        took.sort(null);
        // Without the quick ACK not one is under 40 ms; a busy machine may slow some with it.
        assertTrue(took.getFirst().compareTo(Duration.ofMillis(30)) < 0, took.toString());
    }

    /** Answers its own name to everything. */
    private static final class Upstream implements AutoCloseable {
        private final HttpServer server;

        Upstream(String word) throws IOException {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext(
                    "/",
                    exchange -> {
                        byte[] body = word.getBytes(StandardCharsets.US_ASCII);
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
            server.start();
        }

        int port() {
            return server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
