package dev.fairway.contract;

import java.util.Optional;

/**
 * Which key answers a TLS server name (RFC 6066 section 3).
 *
 * @param serverName exact name, or {@code *.suffix} for one further label; lower case
 * @param key the key; absent: the handshake for this name is refused (unrecognized_name)
 */
public record CertificateBinding(String serverName, Optional<KeyId> key) {
    public CertificateBinding {
        Valid.name(serverName, "server name");
    }
}
