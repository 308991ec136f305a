package dev.fairway.dataplane.tls;

import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.function.Supplier;

/** Makes the first handler of each TLS connection. Thread-safe. */
public final class ServerHandshakes {
    private final Supplier<CertificateTable> certificates;
    private final Duration timeout;
    private final TlsOutcomes outcomes;

    /**
     * @param certificates the active table; read once for each handshake
     * @param timeout of the ClientHello, and again of the rest
     */
    public ServerHandshakes(
            Supplier<CertificateTable> certificates, Duration timeout, TlsOutcomes outcomes) {
        this.certificates = certificates;
        this.timeout = timeout;
        this.outcomes = outcomes;
    }

    public ChannelHandler newHandler(HandshakeTurn turn) {
        return new ServerHandshake(certificates, timeout, outcomes, turn);
    }
}
