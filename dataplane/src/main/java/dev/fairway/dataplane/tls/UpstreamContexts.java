package dev.fairway.dataplane.tls;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Keys.Key.UpstreamIdentity;
import dev.fairway.dataplane.policy.Transport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * TLS to backends: one context for all routes that ask for the same and believe the same, made when
 * first needed. Checking a backend's certificate is Java and runs on the given executor, off the
 * loops. Thread-safe.
 */
public final class UpstreamContexts implements AutoCloseable {
    private final Executor verification;
    private final Map<Asked, Made> contexts = new ConcurrentHashMap<>();
    private volatile Map<KeyId, UpstreamIdentity> material = Map.of();

    /** What makes two contexts different, besides the material. */
    private record Asked(
            Optional<KeyId> identity,
            String identityHash,
            boolean verify,
            List<String> protocols,
            Transport.Protocol spoken) {}

    private record Made(SharedContext context, Optional<UpstreamIdentity> from) {}

    public UpstreamContexts(Executor verification) {
        this.verification = verification;
    }

    /**
     * The material of the snapshot about to be active. Contexts from other material are let go;
     * connections they made go on.
     */
    public void adopt(Keys keys) {
        Map<KeyId, UpstreamIdentity> next = new HashMap<>();
        for (Keys.Entry entry : keys.entries()) {
            if (entry.key() instanceof UpstreamIdentity identity) {
                next.put(entry.id(), identity);
            }
        }
        material = Map.copyOf(next);
        contexts.entrySet()
                .removeIf(entry -> {
                    boolean stale = !entry.getValue().from().equals(of(entry.getKey()));
                    if (stale) {
                        entry.getValue().context().retire();
                    }
                    return stale;
                });
    }

    /**
     * The handler for one connection, first in its pipeline.
     *
     * @param port of the endpoint: sessions are resumed by name and port
     * @throws UncheckedIOException when the material can't be used: the attempt fails
     */
    public SslHandler newHandler(Transport.Tls tls, int port, ByteBufAllocator allocator) {
        SslContext context;
        try {
            context = retained(tls);
        } catch (SSLException e) {
            throw new UncheckedIOException(e);
        }
        try {
            SslHandler handler =
                    context.newHandler(allocator, tls.serverName(), port, verification);
            if (!tls.settings().sendServerName()) {
                withoutServerName(handler.engine());
            }
            return handler;
        } finally {
            ReferenceCountUtil.release(context);
        }
    }

    /** Lets all contexts go. After the last attempt: another would make its context anew. */
    @Override
    public void close() {
        contexts.values().forEach(made -> made.context().retire());
        contexts.clear();
    }

    /** How many contexts are held. */
    public int contexts() {
        return contexts.size();
    }

    private SslContext retained(Transport.Tls tls) throws SSLException {
        Asked asked =
                new Asked(
                        Optional.ofNullable(tls.identity()),
                        tls.identityHash(),
                        tls.settings().verify(),
                        tls.settings().protocols(),
                        tls.protocol());
        while (true) {
            SslContext context = contexts.computeIfAbsent(asked, this::made).context().retain();
            if (context != null) {
                return context;
            }
        }
    }

    private Optional<UpstreamIdentity> of(Asked asked) {
        return asked.identity().flatMap(id -> Optional.ofNullable(material.get(id)));
    }

    private Made made(Asked asked) {
        Optional<UpstreamIdentity> from = of(asked);
        return new Made(new SharedContext(() -> make(asked, from)), from);
    }

    private static SslContext make(Asked asked, Optional<UpstreamIdentity> from)
            throws SSLException {
        if (asked.identity().isPresent() && from.isEmpty()) {
            throw new SSLException("key " + asked.identity().get() + " is missing");
        }
        SslContextBuilder builder =
                SslContextBuilder.forClient()
                        .sslProvider(TlsProvider.CHOSEN)
                        .protocols(
                                asked.protocols().isEmpty()
                                        ? TlsProvider.PROTOCOLS
                                        : asked.protocols())
                        .ciphers(TlsProvider.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                        .applicationProtocolConfig(TlsProvider.alpn(offered(asked.spoken())))
                        .endpointIdentificationAlgorithm(asked.verify() ? "HTTPS" : null);
        if (TlsProvider.CHOSEN != SslProvider.JDK) {
            builder.option(OpenSslContextOption.USE_TASKS, true);
        }
        try {
            if (!asked.verify()) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
            } else if (from.flatMap(UpstreamIdentity::caPem).isPresent()) {
                builder.trustManager(
                        Pem.certificates(from.flatMap(UpstreamIdentity::caPem).orElseThrow()));
            }
            if (from.flatMap(UpstreamIdentity::certificate).isPresent()) {
                Identity own =
                        Identity.of(from.flatMap(UpstreamIdentity::certificate).orElseThrow());
                builder.keyManager(own.key(), own.chain());
            }
        } catch (MaterialRefused e) {
            throw new SSLException(
                    "key " + asked.identity().map(KeyId::value).orElse("") + ": " + e.text(), e);
        }
        return builder.build();
    }

    private static List<String> offered(Transport.Protocol spoken) {
        return switch (spoken) {
            case HTTP1 -> List.of(ApplicationProtocolNames.HTTP_1_1);
            case HTTP2 -> List.of(ApplicationProtocolNames.HTTP_2);
            case HTTP2_PREFERRED ->
                    List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
        };
    }

    /**
     * The name stays the one that is verified; it is only not sent. Netty sets SNI from the peer's
     * name as it makes the engine, and its setSSLParameters can't take it back.
     */
    private static void withoutServerName(SSLEngine engine) {
        if (engine instanceof ReferenceCountedOpenSslEngine boring) {
            SSL.setTlsExtHostName(boring.sslPointer(), noName());
        } else {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of());
            engine.setSSLParameters(parameters);
        }
    }

    @SuppressWarnings("NullAway") // tcnative's own words for "no name"
    private static String noName() {
        @Nullable String none = null;
        return none;
    }
}
