package dev.fairway.dataplane.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/** PEM text (RFC 7468) to certificates and private keys: PKCS#8, PKCS#1 and SEC 1. */
final class Pem {
    private Pem() {}

    /** Real chains have three or four. */
    private static final int MAX_CERTIFICATES = 64;

    static List<X509Certificate> certificates(String pem) throws MaterialRefused {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            for (var certificate :
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(
                                            pem.getBytes(StandardCharsets.US_ASCII)))) {
                certificates.add((X509Certificate) certificate);
            }
        } catch (GeneralSecurityException e) {
            throw new MaterialRefused("a certificate can't be read", e);
        }
        if (certificates.isEmpty() || certificates.size() > MAX_CERTIFICATES) {
            throw new MaterialRefused(certificates.size() + " certificates");
        }
        return List.copyOf(certificates);
    }

    static PrivateKey privateKey(String pem) throws MaterialRefused {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            // EC keys in SEC 1 form may be preceded by a block of parameters.
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                PrivateKeyInfo key = privateKeyIn(block);
                if (key != null) {
                    return converter.getPrivateKey(key);
                }
            }
        } catch (IOException | RuntimeException e) {
            // The cause may quote the key.
            throw new MaterialRefused("the private key can't be read");
        }
        throw new MaterialRefused("no private key that is not encrypted");
    }

    private static @Nullable PrivateKeyInfo privateKeyIn(Object block) {
        return switch (block) {
            case PrivateKeyInfo pkcs8 -> pkcs8;
            case PEMKeyPair pair -> pair.getPrivateKeyInfo();
            default -> null;
        };
    }
}
