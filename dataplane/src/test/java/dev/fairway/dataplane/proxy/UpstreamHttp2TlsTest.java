package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Keys;
import dev.fairway.contract.Policy.UpstreamTls;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import dev.fairway.dataplane.tls.Authority;
import dev.fairway.dataplane.tls.HandshakeTurn;
import dev.fairway.dataplane.tls.UpstreamContexts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which protocol is spoken over TLS to a backend: ALPN decides. */
class UpstreamHttp2TlsTest {
    private static final Contexts CONTEXTS = new Contexts();
    private static SSLContext server;

    /** What the proxy has, with the engine's own contexts. */
    private static final class Contexts implements ProxyFixture.Tls {
        private final UpstreamContexts contexts = new UpstreamContexts(Runnable::run);

        @Override
        public ChannelHandler newServerHandler(ByteBufAllocator allocator, HandshakeTurn turn) {
            throw new IllegalStateException("no TLS here");
        }

        @Override
        public SslHandler newUpstreamHandler(
                Transport.Tls transport, Endpoint endpoint, ByteBufAllocator allocator) {
            return contexts.newHandler(transport, endpoint.address().getPort(), allocator);
        }
    }

    @AfterAll
    static void noContexts() {
        CONTEXTS.contexts.close();
    }

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    @BeforeAll
    static void keys() throws Exception {
        Keys.Key.Certificate issued = new Authority("test").issue("a.test");
        byte[] der =
                Base64.getMimeDecoder()
                        .decode(issued.privateKeyPem().replaceAll("-----[A-Z ]+-----", ""));
        PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        Certificate[] chain =
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                new ByteArrayInputStream(
                                        issued.chainPem().getBytes(StandardCharsets.US_ASCII)))
                        .toArray(new Certificate[0]);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("a", key, new char[0], chain);
        KeyManagerFactory managers = KeyManagerFactory.getInstance("SunX509");
        managers.init(store, new char[0]);
        server = SSLContext.getInstance("TLS");
        server.init(managers.getKeyManagers(), null, null);
    }

    private interface Script {
        void serve(SSLSocket socket, String chosen) throws IOException;
    }

    /** A backend that chooses among these; none: it knows nothing of ALPN. */
    private static RawBackend backend(Script script, String... protocols) throws IOException {
        return new RawBackend(c -> {
            try (SSLSocket socket =
                    (SSLSocket)
                            server.getSocketFactory().createSocket(c.socket, "a.test", 0, true)) {
                socket.setUseClientMode(false);
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(protocols);
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                script.serve(socket, socket.getApplicationProtocol());
            }
        });
    }

    private static ProxyFixture proxy(Transport.Protocol protocol, RawBackend backend)
            throws IOException {
        ProxyFixture proxy =
                new ProxyFixture(
                        ProxyLimits.DEFAULTS, TransportKind.EPOLL, CONTEXTS, false, backend);
        proxy.transport =
                new Transport.Tls(
                        new UpstreamTls(
                                Optional.empty(), false, Optional.empty(), false, List.of()),
                        "a.test",
                        null,
                        "",
                        protocol);
        return proxy;
    }

    private static void http2(SSLSocket socket) throws IOException {
        Http2Peer peer = new Http2Peer(socket.getInputStream(), socket.getOutputStream()).accept();
        while (true) {
            Http2Peer.Frame head = peer.next(Http2Peer.HEADERS);
            assertTrue(peer.request(head).contains("https"), "the scheme");
            peer.respond(head, "by h2");
        }
    }

    private static void http1(SSLSocket socket) throws IOException {
        while (Wire.head(socket.getInputStream()) != null) {
            socket.getOutputStream()
                    .write(RawBackend.ok("by http/1.1").getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void a_backend_that_chooses_h2_is_spoken_to_so() throws Exception {
        RawBackend backend = backend((socket, chosen) -> http2(socket), "h2", "http/1.1");
        for (Transport.Protocol protocol :
                List.of(Transport.Protocol.HTTP2, Transport.Protocol.HTTP2_PREFERRED)) {
            try (ProxyFixture proxy = proxy(protocol, backend)) {
                assertEquals("by h2", proxy.get("/").body());
                assertEquals("by h2", proxy.get("/").body());
                assertEquals(1, proxy.server.upstreamIdle());
                proxy.backends.clear();
            }
        }
        assertEquals(2, backend.connections.get());
        backend.close();
    }

    @Test
    void one_that_does_not_is_502_where_http2_was_declared() throws Exception {
        for (String[] offers : new String[][] {{"http/1.1"}, {}}) {
            RawBackend backend =
                    backend((socket, chosen) -> socket.getInputStream().read(), offers);
            try (ProxyFixture proxy = proxy(Transport.Protocol.HTTP2, backend)) {
                assertEquals(502, proxy.get("/").status());
                assertEquals("upstream-not-http2", proxy.lastFinished(1).reason());
            }
        }
    }

    @Test
    void it_gets_http1_where_http2_was_only_preferred_and_is_pooled() throws Exception {
        for (String[] offers : new String[][] {{"http/1.1"}, {}}) {
            RawBackend backend = backend((socket, chosen) -> http1(socket), offers);
            try (ProxyFixture proxy = proxy(Transport.Protocol.HTTP2_PREFERRED, backend)) {
                assertEquals("by http/1.1", proxy.get("/1").body());
                assertEquals("by http/1.1", proxy.get("/2").body());
                assertEquals(1, backend.connections.get());
                proxy.eventually("it is pooled", () -> proxy.server.upstreamIdle() == 1);
                assertEquals(0, proxy.server.upstreamActive());
            }
        }
    }

    @Test
    void http1_does_not_offer_h2() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>();
        RawBackend backend =
                backend(
                        (socket, chosen) -> {
                            seen.set(chosen);
                            http1(socket);
                        },
                        "h2",
                        "http/1.1");
        try (ProxyFixture proxy = proxy(Transport.Protocol.HTTP1, backend)) {
            assertEquals("by http/1.1", proxy.get("/").body());
            assertEquals("http/1.1", seen.get());
        }
    }
}
