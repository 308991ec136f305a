package dev.fairway.dataplane.tls;

import dev.fairway.contract.Keys;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/**
 * A certificate chain with the private key that belongs to it: checked, so that a pair that does not
 * fit never reaches a handshake.
 *
 * @param hash SHA-256 of both, in hex
 */
record Identity(PrivateKey key, List<X509Certificate> chain, String hash) {

    static Identity of(Keys.Key.Certificate pair) throws MaterialRefused {
        List<X509Certificate> chain = Pem.certificates(pair.chainPem());
        PrivateKey key = Pem.privateKey(pair.privateKeyPem());
        if (!fit(key, chain.getFirst().getPublicKey())) {
            throw new MaterialRefused("certificate and private key do not belong together");
        }
        return new Identity(key, chain, hashOf(pair));
    }

    static String hashOf(Keys.Key.Certificate pair) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(pair.chainPem().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(pair.privateKeyPem().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    X509Certificate leaf() {
        return chain.getFirst();
    }

    /** Secrets stay out of logs. */
    @Override
    public String toString() {
        return "Identity[" + leaf().getSubjectX500Principal() + "]";
    }

    private static boolean fit(PrivateKey key, PublicKey of) throws MaterialRefused {
        String algorithm =
                switch (of.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    case "EdDSA", "Ed25519" -> "Ed25519";
                    default ->
                            throw new MaterialRefused("no key of use in TLS: " + of.getAlgorithm());
                };
        try {
            byte[] probe = "fairway".getBytes(StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(of);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
