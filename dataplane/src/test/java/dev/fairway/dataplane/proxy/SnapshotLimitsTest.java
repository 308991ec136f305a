package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fairway.contract.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits of the process for which a snapshot may say something else. */
class SnapshotLimitsTest {

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static ProxyFixture proxy(
            Optional<Settings.RequestHeads> heads, Optional<Settings.UpstreamKeepAlive> upstream)
            throws IOException {
        ProxyLimits.Upstream up = ProxyLimits.Upstream.DEFAULTS;
        ProxyLimits process =
                new ProxyLimits(
                        ProxyLimits.Entry.DEFAULTS,
                        ProxyLimits.Client.DEFAULTS,
                        new ProxyLimits.Upstream(
                                up.head(),
                                Duration.ofHours(1),
                                up.idlePerEndpoint(),
                                up.handshake(),
                                up.replayBytes(),
                                up.retryFloor(),
                                up.retryShare(),
                                up.hedge(),
                                up.requestsPerEndpoint(),
                                up.stalledPerEndpoint()));
        ProxyFixture proxy =
                new ProxyFixture(
                        process, TransportKind.EPOLL, RawBackend.answering(RawBackend.ok("ok")));
        Settings usual = Settings.DEFAULTS;
        proxy.settings =
                new Settings(
                        usual.forwarding(),
                        usual.keepAlive(),
                        usual.keepAliveRequests(),
                        usual.headTimeout(),
                        usual.bodyTimeout(),
                        usual.serverHeader(),
                        usual.allowBackendServerHeader(),
                        usual.hiddenHeaders(),
                        usual.underscoresInHeaders(),
                        usual.defaultCertificate(),
                        usual.accessLog(),
                        usual.proxyProtocol(),
                        usual.http2(),
                        heads,
                        upstream);
        return proxy;
    }

    private static ProxyFixture heads(int line, int head) throws IOException {
        return proxy(Optional.of(new Settings.RequestHeads(line, head)), Optional.empty());
    }

    /** How a head with so many bytes in its target is answered. */
    private static int status(ProxyFixture proxy, int target) throws IOException {
        return proxy.get("/" + "p".repeat(target)).status();
    }

    private static int withFields(ProxyFixture proxy, int fields, int size) throws IOException {
        String field = "X-Large: " + "v".repeat(size) + "\r\n";
        return proxy.ask("GET / HTTP/1.1\r\nHost: a.test\r\n" + field.repeat(fields) + "\r\n")
                .status();
    }

    @Test
    void large_client_header_buffers_bound_lines_and_heads() throws Exception {
        try (ProxyFixture larger = heads(16_384, 65_536)) {
            assertEquals(200, status(larger, 16_000));
            assertEquals(200, withFields(larger, 4, 16_000));
            assertEquals(0, larger.fired(Limit.HEAD_SIZE));
            assertEquals(414, status(larger, 17_000));
            assertEquals(431, withFields(larger, 5, 16_000));
            assertEquals(2, larger.fired(Limit.HEAD_SIZE));
        }
        try (ProxyFixture smaller = heads(1_024, 2_048)) {
            assertEquals(200, status(smaller, 900));
            assertEquals(414, status(smaller, 1_100));
            assertEquals(431, withFields(smaller, 3, 900));
        }
    }

    @Test
    void they_bound_heads_of_http2_too() throws Exception {
        try (ProxyFixture proxy = heads(10_000, 65_536);
                Http2Client client = new Http2Client(proxy.address).begin()) {
            assertEquals(200, client.ask(1, "/" + "p".repeat(9_000)).response(1).status);
            assertEquals(414, client.ask(3, "/" + "p".repeat(11_000)).response(3).status);
        }
    }

    private static ProxyFixture upstream(Optional<Integer> connections, Optional<Duration> idle)
            throws IOException {
        return proxy(
                Optional.empty(), Optional.of(new Settings.UpstreamKeepAlive(connections, idle)));
    }

    @Test
    void upstream_keepalive_timeout_bounds_how_long_an_unused_connection_is_kept()
            throws Exception {
        try (ProxyFixture proxy = upstream(Optional.empty(), Optional.of(Duration.ofMillis(300)))) {
            assertEquals(200, proxy.get("/").status());
            proxy.eventually("one is kept", () -> proxy.server.upstreamIdle() == 1);
            proxy.eventually("it is old", () -> proxy.server.upstreamIdle() == 0);
            assertEquals(1, proxy.fired(Limit.UPSTREAM_IDLE));
        }
    }

    @Test
    void upstream_keepalive_connections_bound_how_many_are_kept() throws Exception {
        try (ProxyFixture proxy = upstream(Optional.of(0), Optional.empty())) {
            assertEquals(200, proxy.get("/").status());
            assertEquals(200, proxy.get("/").status());
            proxy.eventually("none is kept", () -> proxy.fired(Limit.UPSTREAM_POOL_SIZE) == 2);
            assertEquals(0, proxy.server.upstreamIdle());
            assertEquals(2, proxy.backends.getFirst().connections.get());
        }
    }
}
