package dev.fairway.dataplane.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Policy;
import dev.fairway.dataplane.policy.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verification on and off, against good and bad backends. */
class UpstreamContextsTest {
    private static final KeyId BACKEND = new KeyId("upstream/shop/backend");
    private static final String NAME = "web.shop.svc";

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ConcurrentLinkedQueue<String> verifiers = new ConcurrentLinkedQueue<>();
    private final ExecutorService verification =
            Executors.newSingleThreadExecutor(task ->
                    new Thread(
                            () -> {
                                verifiers.add(Thread.currentThread().getName());
                                task.run();
                            },
                            "verification"));
    private final UpstreamContexts contexts = new UpstreamContexts(verification);
    private Authority trusted;
    private Authority other;

    @BeforeEach
    void open() throws Exception {
        trusted = new Authority("trusted");
        other = new Authority("other");
        adopt(Optional.empty(), Optional.of(trusted.pem()));
    }

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        verification.shutdownNow();
        contexts.close();
    }

    private void adopt(Optional<Keys.Key.Certificate> certificate, Optional<String> authority) {
        contexts.adopt(
                new Keys(
                        List.of(
                                new Keys.Entry(
                                        BACKEND,
                                        new Keys.Key.UpstreamIdentity(certificate, authority)))));
    }

    private static Transport.Tls transport(boolean verify, boolean sendName) {
        return new Transport.Tls(
                new Policy.UpstreamTls(
                        Optional.of(BACKEND), verify, Optional.empty(), sendName, List.of()),
                NAME,
                BACKEND,
                "hash",
                Transport.Protocol.HTTP1);
    }

    private record Seen(Throwable failure, String serverName, String clientSubject) {}

    /** Connects to a backend with this certificate, as this transport says. */
    private Seen connect(Keys.Key.Certificate backend, Transport.Tls transport) throws Exception {
        Identity identity = Identity.of(backend);
        SslContext server =
                SslContextBuilder.forServer(identity.key(), identity.chain())
                        .sslProvider(SslProvider.JDK)
                        .trustManager(trusted.certificate())
                        .clientAuth(ClientAuth.OPTIONAL)
                        .build();
        AtomicReference<SslHandler> accepted = new AtomicReference<>();
        try (TlsEcho echo =
                new TlsEcho(() -> {
                    SslHandler handler = server.newHandler(ByteBufAllocator.DEFAULT);
                    accepted.set(handler);
                    return handler;
                })) {
            AtomicReference<SslHandler> made = new AtomicReference<>();
            Channel channel =
                    new Bootstrap()
                            .group(group)
                            .channel(NioSocketChannel.class)
                            .handler(
                                    new ChannelInitializer<>() {
                                        @Override
                                        protected void initChannel(Channel channel) {
                                            SslHandler handler =
                                                    contexts.newHandler(
                                                            transport,
                                                            echo.port(),
                                                            channel.alloc());
                                            made.set(handler);
                                            channel.pipeline().addLast(handler);
                                        }
                                    })
                            .connect(InetAddress.getLoopbackAddress(), echo.port())
                            .sync()
                            .channel();
            var handshake = made.get().handshakeFuture().await();
            String name = null;
            String subject = null;
            if (handshake.isSuccess()) {
                accepted.get().handshakeFuture().await();
                ExtendedSSLSession session =
                        (ExtendedSSLSession) accepted.get().engine().getSession();
                name =
                        session.getRequestedServerNames().isEmpty()
                                ? null
                                : ((SNIHostName) session.getRequestedServerNames().getFirst())
                                        .getAsciiName();
                subject = subject(session);
            }
            channel.close().sync();
            return new Seen(handshake.cause(), name, subject);
        }
    }

    private static String subject(ExtendedSSLSession session) {
        try {
            return session.getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    @Test
    void a_good_backend_is_believed() throws Exception {
        for (boolean sendName : new boolean[] {true, false}) {
            Seen seen = connect(trusted.issue(NAME), transport(true, sendName));
            assertNull(seen.failure());
            assertEquals(sendName ? NAME : null, seen.serverName());
        }
        assertTrue(!verifiers.isEmpty(), "the certificate was checked on the loop");
    }

    @Test
    void a_backend_of_another_authority_is_refused_only_when_verified() throws Exception {
        for (boolean sendName : new boolean[] {true, false}) {
            assertNotNull(connect(other.issue(NAME), transport(true, sendName)).failure());
            assertNull(connect(other.issue(NAME), transport(false, sendName)).failure());
        }
    }

    @Test
    void a_backend_of_another_name_is_refused_only_when_verified() throws Exception {
        for (boolean sendName : new boolean[] {true, false}) {
            assertNotNull(connect(trusted.issue("evil.svc"), transport(true, sendName)).failure());
            assertNull(connect(trusted.issue("evil.svc"), transport(false, sendName)).failure());
        }
    }

    @Test
    void an_expired_backend_is_refused_only_when_verified() throws Exception {
        Keys.Key.Certificate expired =
                trusted.issue(NAME, Authority.ec(), Instant.now().minus(1, ChronoUnit.HOURS));
        assertNotNull(connect(expired, transport(true, true)).failure());
        assertNull(connect(expired, transport(false, true)).failure());
    }

    @Test
    void without_an_authority_of_its_own_the_systems_are_believed() throws Exception {
        adopt(Optional.empty(), Optional.empty());
        assertNotNull(connect(trusted.issue(NAME), transport(true, true)).failure());
    }

    @Test
    void our_certificate_is_shown_and_a_rotated_one_takes_its_place() throws Exception {
        adopt(Optional.of(trusted.issue("gateway-1")), Optional.of(trusted.pem()));
        assertEquals(
                "CN=gateway-1",
                connect(trusted.issue(NAME), transport(true, true)).clientSubject());
        adopt(Optional.of(trusted.issue("gateway-2")), Optional.of(trusted.pem()));
        assertEquals(
                "CN=gateway-2",
                connect(trusted.issue(NAME), transport(true, true)).clientSubject());
        assertEquals(1, contexts.contexts());
    }

    @Test
    void material_that_is_missing_or_bad_fails_the_attempt() {
        contexts.adopt(Keys.NONE);
        assertThrows(
                UncheckedIOException.class,
                () -> contexts.newHandler(transport(true, true), 443, ByteBufAllocator.DEFAULT));
        adopt(Optional.empty(), Optional.of("no certificate"));
        assertThrows(
                UncheckedIOException.class,
                () -> contexts.newHandler(transport(true, true), 443, ByteBufAllocator.DEFAULT));
    }
}
