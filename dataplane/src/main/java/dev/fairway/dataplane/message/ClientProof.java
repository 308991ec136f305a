package dev.fairway.dataplane.message;

/**
 * What the client of a connection showed in its handshake, and under which policy it was asked.
 *
 * @param policy the identity of the policy
 * @param verify as nginx's {@code $ssl_client_verify}
 * @param subject RFC 2253, visible ASCII; empty without a certificate
 * @param issuer likewise
 * @param certificate PEM, percent-encoded; empty without a certificate
 */
public record ClientProof(
        String policy,
        Verdict verdict,
        String verify,
        String subject,
        String issuer,
        String certificate) {

    public enum Verdict {
        NONE,
        GOOD,
        /** Sound, but of no authority that is known. */
        UNTRUSTED,
        BAD
    }
}
