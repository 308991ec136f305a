package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.UpstreamTls;
import dev.fairway.contract.Settings.Forwarding;
import dev.fairway.dataplane.Altered;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import dev.fairway.dataplane.tls.HandshakeTurn;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TLS on either side, as far as the engine is concerned. */
class TlsTest {
    private static final Transport.Tls TO_BACKEND =
            new Transport.Tls(
                    new UpstreamTls(Optional.empty(), false, Optional.empty(), false, List.of()),
                    "a.test",
                    null,
                    "",
                    Transport.Protocol.HTTP1);
    private static TestTls tls;

    private static final class TestTls implements ProxyFixture.Tls {
        private final SslContext server;
        private final SslContext client;

        TestTls() throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair pair = generator.generateKeyPair();
            X500Name name = new X500Name("CN=a.test");
            Instant now = Instant.now();
            X509Certificate certificate =
                    new JcaX509CertificateConverter()
                            .getCertificate(
                                    new JcaX509v3CertificateBuilder(
                                                    name,
                                                    BigInteger.ONE,
                                                    Date.from(now.minusSeconds(60)),
                                                    Date.from(now.plusSeconds(3600)),
                                                    name,
                                                    pair.getPublic())
                                            .build(
                                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                                            .build(pair.getPrivate())));
            SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
            server =
                    SslContextBuilder.forServer(pair.getPrivate(), certificate)
                            .sslProvider(provider)
                            .build();
            client =
                    SslContextBuilder.forClient()
                            .sslProvider(provider)
                            .endpointIdentificationAlgorithm(null)
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .build();
        }

        @Override
        public ChannelHandler newServerHandler(ByteBufAllocator allocator, HandshakeTurn turn) {
            return server.newHandler(allocator);
        }

        @Override
        public SslHandler newUpstreamHandler(
                Transport.Tls transport, Endpoint endpoint, ByteBufAllocator allocator) {
            return client.newHandler(allocator);
        }
    }

    @BeforeAll
    static void keys() throws Exception {
        tls = new TestTls();
    }

    @AfterAll
    static void noKeys() {
        ReferenceCountUtil.release(tls.server);
        ReferenceCountUtil.release(tls.client);
    }

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static ProxyFixture proxy(RawBackend... backends) throws Exception {
        return proxy(100, backends);
    }

    private static ProxyFixture proxy(int handshakes, RawBackend... backends) throws Exception {
        ProxyLimits limits =
                Altered.with(
                        ProxyLimits.DEFAULTS,
                        "entry.handshake",
                        Duration.ofMillis(2000),
                        "entry.handshakesPerLoop",
                        handshakes);
        return new ProxyFixture(limits, TransportKind.EPOLL, tls, true, backends);
    }

    private static SSLSocket connect(ProxyFixture proxy, String protocol) throws Exception {
        return over(
                new Socket(InetAddress.getLoopbackAddress(), proxy.address.getPort()), protocol);
    }

    private static SSLSocket over(Socket plain, String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        SSLSocketFactory factory = context.getSocketFactory();
        plain.setSoTimeout(5000);
        SSLSocket socket = (SSLSocket) factory.createSocket(plain, "a.test", 443, true);
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    private static String get(SSLSocket socket, InputStream in) throws Exception {
        socket.getOutputStream()
                .write(
                        "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
        String head = Wire.head(in);
        return Wire.body(head, in, true);
    }

    @Test
    void requests_over_tls_say_so_upstream() throws Exception {
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            try (ProxyFixture proxy =
                            proxy(RawBackend.answering(RawBackend.ok("x".repeat(200_000))));
                    SSLSocket socket = connect(proxy, protocol)) {
                InputStream in = new BufferedInputStream(socket.getInputStream());
                for (int i = 0; i < 5; i++) {
                    assertEquals(200_000, get(socket, in).length());
                }
                String head = proxy.backends.getFirst().heads.getFirst();
                assertEquals("https", Wire.field(head, "X-Forwarded-Proto"));
                assertEquals("443", Wire.field(head, "X-Forwarded-Port"));
            }
        }
    }

    /** reference/performance.md: the delayed ACK of the client's Finished holds up its first request. */
    @Test
    void a_client_with_nagle_on_does_not_wait_for_a_delayed_acknowledgement() throws Exception {
        try (ProxyFixture proxy = proxy(RawBackend.answering(RawBackend.ok("ok")))) {
            long[] millis = new long[9];
            for (int i = 0; i < millis.length; i++) {
                millis[i] = millisToFirstAnswer(proxy);
            }
            Arrays.sort(millis);
            assertTrue(millis[millis.length / 2] < 25, Arrays.toString(millis));
        }
    }

    /** By a client that sends its Finished in one segment and its first request in the next. */
    private static long millisToFirstAnswer(ProxyFixture proxy) throws Exception {
        CompletableFuture<Long> millis = new CompletableFuture<>();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, false)
                    .handler(
                            new ChannelInboundHandlerAdapter() {
                                private long began;

                                @Override
                                public void handlerAdded(ChannelHandlerContext context) {
                                    context.pipeline()
                                            .addFirst(tls.client.newHandler(context.alloc()));
                                }

                                @Override
                                public void userEventTriggered(
                                        ChannelHandlerContext context, Object event) {
                                    began = System.nanoTime();
                                    context.executor()
                                            .execute(() ->
                                                    context.writeAndFlush(
                                                            ByteBufUtil.writeAscii(
                                                                    context.alloc(),
                                                                    "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")));
                                }

                                @Override
                                public void channelRead(
                                        ChannelHandlerContext context, Object message) {
                                    ReferenceCountUtil.release(message);
                                    millis.complete((System.nanoTime() - began) / 1_000_000);
                                }
                            })
                    .connect(proxy.address);
            return millis.get(5, TimeUnit.SECONDS);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void plain_http_on_a_tls_port_gets_nothing() throws Exception {
        try (ProxyFixture proxy = proxy(RawBackend.answering(RawBackend.ok("ok")));
                RawClient client = proxy.client()) {
            client.get("/");
            byte[] answer = client.in.readAllBytes();
            assertFalse(new String(answer, StandardCharsets.ISO_8859_1).contains("HTTP/1.1"));
            assertEquals(0, proxy.backends.getFirst().connections.get());
        }
    }

    @Test
    void a_proxy_header_comes_before_the_handshake() throws Exception {
        try (ProxyFixture proxy = proxy(RawBackend.answering(RawBackend.ok("ok")))) {
            proxy.settings = ProxyProtocolTest.settings("127.0.0.1", Forwarding.UNTRUSTED, 10_000);
            for (int wait : new int[] {0, 100}) {
                Socket plain =
                        new Socket(InetAddress.getLoopbackAddress(), proxy.address.getPort());
                plain.getOutputStream()
                        .write(
                                "PROXY TCP4 192.0.2.1 198.51.100.1 1 443\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                Thread.sleep(wait);
                try (SSLSocket socket = over(plain, "TLSv1.3")) {
                    InputStream in = new BufferedInputStream(socket.getInputStream());
                    assertEquals("ok", get(socket, in));
                }
                String head = proxy.backends.getFirst().heads.getLast();
                assertEquals("192.0.2.1", Wire.field(head, "X-Forwarded-For"));
                assertEquals("https", Wire.field(head, "X-Forwarded-Proto"));
            }
        }
    }

    @Test
    void a_stalled_handshake_ends() throws Exception {
        try (ProxyFixture proxy = proxy(RawBackend.answering(RawBackend.ok("ok")));
                RawClient client = proxy.client()) {
            client.send("\u0016\u0003\u0001\u0002\u0000");
            assertTrue(client.closed());
            assertEquals(1, proxy.fired(Limit.HANDSHAKE_TIME));
        }
    }

    /** Attack ledger D1 and D12: those that stall make room for those that go on. */
    @Test
    void beyond_so_many_handshakes_the_oldest_gives_way() throws Exception {
        try (ProxyFixture proxy = proxy(2, RawBackend.answering(RawBackend.ok("ok")));
                RawClient oldest = proxy.client();
                RawClient older = proxy.client()) {
            oldest.send("\u0016\u0003\u0001\u0002\u0000");
            older.send("\u0016\u0003\u0001\u0002\u0000");
            proxy.eventually("both are there", () -> proxy.server.clientConnections() == 2);
            try (SSLSocket socket = connect(proxy, "TLSv1.3")) {
                InputStream in = new BufferedInputStream(socket.getInputStream());
                assertEquals("ok", get(socket, in));
            }
            assertTrue(oldest.closed());
            assertEquals(1, proxy.fired(Limit.HANDSHAKES));
            assertEquals(0, proxy.fired(Limit.HANDSHAKE_TIME));
            proxy.eventually("the young one is left", () -> proxy.server.clientConnections() == 1);
        }
    }

    @Test
    void a_backend_is_reached_over_tls_and_its_connection_kept() throws Exception {
        try (TlsBackend backend = new TlsBackend(tls.server);
                ProxyFixture proxy = proxy(backend.raw);
                SSLSocket socket = connect(proxy, "TLSv1.3")) {
            proxy.transport = TO_BACKEND;
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int i = 0; i < 5; i++) {
                assertEquals("over tls", get(socket, in));
            }
            assertEquals(1, backend.inner.connections.get());
        }
    }

    @Test
    void a_backend_that_does_not_finish_its_handshake_is_504() throws Exception {
        ProxyLimits brief =
                Altered.with(ProxyLimits.DEFAULTS, "upstream.handshake", Duration.ofMillis(300));
        RawBackend mute =
                new RawBackend(c -> c.in.transferTo(java.io.OutputStream.nullOutputStream()));
        try (ProxyFixture proxy = new ProxyFixture(brief, TransportKind.EPOLL, tls, false, mute)) {
            proxy.transport = TO_BACKEND;
            assertEquals(504, proxy.get("/").status());
            assertEquals(1, proxy.fired(Limit.UPSTREAM_HANDSHAKE_TIME));
            assertEquals(0, proxy.fired(Limit.CONNECT_TIME));
        }
    }

    /** Attack ledger B21. */
    @Test
    void plaintext_before_the_handshake_is_no_response() throws Exception {
        RawBackend plain =
                new RawBackend(c -> {
                    c.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
                    c.in.transferTo(java.io.OutputStream.nullOutputStream());
                });
        try (ProxyFixture proxy = proxy(plain);
                SSLSocket socket = connect(proxy, "TLSv1.3")) {
            proxy.transport = TO_BACKEND;
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String body = get(socket, in);
            assertFalse(body.contains("poison"), body);
            assertEquals(502, proxy.lastFinished(1).status());
            assertEquals(Endpoint.Result.CONNECT_FAILED, plain.fixture.results.getFirst());
        }
    }

    /** A TLS server in front of a plain one: the proxy itself serves as such. */
    private static final class TlsBackend implements AutoCloseable {
        final RawBackend inner = RawBackend.answering(RawBackend.ok("over tls"));
        final ProxyFixture front;
        final RawBackend raw;

        TlsBackend(SslContext context) throws Exception {
            front = proxy(inner);
            raw = RawBackend.at(front.address);
        }

        @Override
        public void close() throws Exception {
            front.close();
        }
    }
}
