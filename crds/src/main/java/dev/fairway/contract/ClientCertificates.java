package dev.fairway.contract;

import java.util.Optional;

/**
 * What a virtual host asks its clients to show in the TLS handshake, and what becomes of it. A
 * connection made under one such policy carries no request for a host with another (421).
 *
 * @param authorities who may have issued them, a {@link Keys.Key.ClientAuthorities}
 * @param verification who is refused
 * @param depth how many intermediate certificates may stand between the client's and an authority's
 * @param subjectPattern RE2 pattern that must be found in the subject's RFC 2253 form; 403 otherwise
 * @param errorPage absolute URL or path shown instead of the 400 to who has no good certificate
 * @param passCertificate the backend gets the certificate itself, not only what it says
 */
public record ClientCertificates(
        KeyId authorities,
        Verification verification,
        int depth,
        Optional<String> subjectPattern,
        Optional<String> errorPage,
        boolean passCertificate) {

    public ClientCertificates {
        Valid.that(depth >= 0 && depth <= MAX_DEPTH, "no depth of verification: %d", depth);
        subjectPattern.ifPresent(pattern -> Valid.text(pattern, "subject pattern", 1024));
        errorPage.ifPresent(page -> Valid.text(page, "error page", 2048));
    }

    /** Chains are built on the way of a handshake: real ones have one or two intermediates. */
    public static final int MAX_DEPTH = 10;

    public enum Verification {
        /** No certificate is asked for. */
        OFF,
        /** A certificate that is shown must be good. */
        OPTIONAL,
        /** As OPTIONAL, but that no authority need be known to have issued it. */
        OPTIONAL_NO_CA,
        /** A good certificate must be shown. */
        REQUIRED
    }
}
