package dev.fairway.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientIdentityTest {

    @ParameterizedTest
    @CsvSource({"EC, true", "EC, false", "RSA, true", "RSA, false"})
    void a_key_is_read_in_its_traditional_form_and_as_pkcs8(String algorithm, boolean pkcs8)
            throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(algorithm.equals("EC") ? 256 : 2048);
        KeyPair pair = generator.generateKeyPair();
        String key =
                pkcs8
                        ? "-----BEGIN PRIVATE KEY-----\n"
                                + Base64.getMimeEncoder()
                                        .encodeToString(pair.getPrivate().getEncoded())
                                + "\n-----END PRIVATE KEY-----\n"
                        : traditional(pair.getPrivate());
        Config config =
                new ConfigBuilder(Config.empty())
                        .withClientCertData(base64(pem(certificate(pair, algorithm))))
                        .withClientKeyData(base64(key))
                        .build();
        KeyManager[] managers = ClientIdentity.keyManagers(config);
        assertNotNull(managers);
        PrivateKey shown = ((X509KeyManager) managers[0]).getPrivateKey("client");
        if (pair.getPrivate() instanceof ECPrivateKey ec) {
            assertEquals(ec.getS(), ((ECPrivateKey) shown).getS());
        } else {
            assertEquals(pair.getPrivate(), shown);
        }
    }

    @Test
    void without_a_client_certificate_there_is_none_to_show() throws Exception {
        assertNull(ClientIdentity.keyManagers(Config.empty()));
    }

    @Test
    void what_is_no_key_is_refused_without_being_quoted() {
        Config config =
                new ConfigBuilder(Config.empty())
                        .withClientCertData(base64("no certificate"))
                        .withClientKeyData(base64("secret text"))
                        .build();
        IOException refused =
                assertThrows(IOException.class, () -> ClientIdentity.keyManagers(config));
        assertEquals(-1, refused.getMessage().indexOf("secret text"));
    }

    private static X509Certificate certificate(KeyPair pair, String algorithm) throws Exception {
        X500Principal name = new X500Principal("CN=admin");
        Instant now = Instant.now();
        return new JcaX509CertificateConverter()
                .getCertificate(
                        new JcaX509v3CertificateBuilder(
                                        name,
                                        BigInteger.ONE,
                                        Date.from(now),
                                        Date.from(now.plusSeconds(3600)),
                                        name,
                                        pair.getPublic())
                                .build(
                                        new JcaContentSignerBuilder(
                                                        algorithm.equals("EC")
                                                                ? "SHA256withECDSA"
                                                                : "SHA256withRSA")
                                                .build(pair.getPrivate())));
    }

    /** As openssl writes it: SEC 1 with the curve inside, or PKCS#1. */
    private static String traditional(PrivateKey key) throws IOException {
        if (!(key instanceof ECPrivateKey ec)) {
            return pem(key);
        }
        byte[] sec1 =
                new org.bouncycastle.asn1.sec.ECPrivateKey(
                                256, ec.getS(), SECObjectIdentifiers.secp256r1)
                        .getEncoded();
        return "-----BEGIN EC PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(sec1)
                + "\n-----END EC PRIVATE KEY-----\n";
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
