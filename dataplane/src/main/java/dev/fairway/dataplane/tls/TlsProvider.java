package dev.fairway.dataplane.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which TLS there is, and what is spoken: 1.2 and 1.3, AEAD and ECDHE only. */
final class TlsProvider {
    private TlsProvider() {}

    private static final Logger log = LoggerFactory.getLogger(TlsProvider.class);

    static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    static final List<String> CIPHERS =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Towards clients. */
    static final List<String> HTTP2 = List.of("h2", "http/1.1");

    static final List<String> HTTP1 = List.of("http/1.1");

    /** Offers these, in this order; what was chosen is for the connection to look at. */
    static ApplicationProtocolConfig alpn(List<String> protocols) {
        return new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                protocols);
    }

    /** BoringSSL with explicit reference counts, or the JDK's where its library is missing. */
    static final SslProvider CHOSEN = choose();

    private static SslProvider choose() {
        // Read once, when the JDK's provider is first used (RFC 5746 renegotiation by the client).
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        if (OpenSsl.isAvailable()) {
            return SslProvider.OPENSSL_REFCNT;
        }
        log.warn(
                "BoringSSL's native library can't be loaded ({}): TLS falls back to the JDK's, at"
                        + " about three times the cost of a handshake",
                String.valueOf(OpenSsl.unavailabilityCause()));
        return SslProvider.JDK;
    }
}
