package dev.fairway.dataplane.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * An identity and the context that shows it. Ticket keys belong to the context: a ticket of one
 * certificate resumes nothing under another, and dies with it (attack ledger D3, D4).
 */
final class ServerIdentity {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Identity identity;
    private final List<String> protocols;
    private final @Nullable ClientTrust trust;
    private final SharedContext context;
    private volatile Tickets tickets = new Tickets(ticketKey(), null);

    /** The newest key encrypts, both decrypt. */
    private record Tickets(
            OpenSslSessionTicketKey newest, @Nullable OpenSslSessionTicketKey previous) {}

    /**
     * @param protocols offered in ALPN, in order of preference
     */
    ServerIdentity(Identity identity, List<String> protocols, @Nullable ClientTrust trust) {
        this.trust = trust;
        this.identity = identity;
        this.protocols = protocols;
        this.context = new SharedContext(this::make);
    }

    /** What clients are asked for; null: no certificate. */
    @Nullable ClientTrust trust() {
        return trust;
    }

    List<String> protocols() {
        return protocols;
    }

    Identity identity() {
        return identity;
    }

    Instant expiry() {
        return identity.leaf().getNotAfter().toInstant();
    }

    SharedContext context() {
        return context;
    }

    /** New tickets get a new key; those of the key before are still taken. One thread only. */
    void rotateTickets() {
        tickets = new Tickets(ticketKey(), tickets.newest());
        context.ifMade(this::setTickets);
    }

    private SslContext make() throws SSLException {
        SslContextBuilder builder =
                SslContextBuilder.forServer(identity.key(), identity.chain())
                        .sslProvider(TlsProvider.CHOSEN)
                        .protocols(TlsProvider.PROTOCOLS)
                        .ciphers(TlsProvider.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                        .applicationProtocolConfig(TlsProvider.alpn(protocols));
        if (trust != null) {
            builder.clientAuth(ClientAuth.OPTIONAL).trustManager(trust.takingAll());
        }
        SslContext made = builder.build();
        if (trust != null && made.sessionContext() instanceof OpenSslServerSessionContext own) {
            own.setSessionIdContext(HexFormat.of().parseHex(trust.policy()));
        }
        setTickets(made);
        return made;
    }

    private void setTickets(SslContext made) {
        if (made.sessionContext() instanceof OpenSslSessionContext sessions) {
            Tickets now = tickets;
            OpenSslSessionTicketKey old = now.previous();
            if (old == null) {
                sessions.setTicketKeys(now.newest());
            } else {
                sessions.setTicketKeys(now.newest(), old);
            }
        }
    }

    private static OpenSslSessionTicketKey ticketKey() {
        byte[] name = new byte[OpenSslSessionTicketKey.NAME_SIZE];
        byte[] hmac = new byte[OpenSslSessionTicketKey.HMAC_KEY_SIZE];
        byte[] aes = new byte[OpenSslSessionTicketKey.AES_KEY_SIZE];
        RANDOM.nextBytes(name);
        RANDOM.nextBytes(hmac);
        RANDOM.nextBytes(aes);
        return new OpenSslSessionTicketKey(name, hmac, aes);
    }
}
