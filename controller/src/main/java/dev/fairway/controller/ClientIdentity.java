package dev.fairway.controller;

import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/**
 * The client certificate of a kubeconfig, in every form its key is written in: PKCS#1, SEC 1 and
 * PKCS#8, RSA and elliptic curves. The client library guesses RSA for every PKCS#8 key.
 */
final class ClientIdentity {
    private ClientIdentity() {}

    /** Never leaves the process: the key store is made to be read at once. */
    private static final char[] NO_PASSWORD = new char[0];

    /** Null when the kubeconfig names no client certificate. */
    static KeyManager @Nullable [] keyManagers(Config config) throws IOException {
        byte[] chain = content(config.getClientCertData(), config.getClientCertFile());
        byte[] key = content(config.getClientKeyData(), config.getClientKeyFile());
        if (chain == null || key == null) {
            return null;
        }
        try {
            Certificate[] certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(chain))
                            .toArray(Certificate[]::new);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("client", privateKey(key), NO_PASSWORD, certificates);
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw new IOException("the kubeconfig's client certificate can't be used", e);
        }
    }

    private static PrivateKey privateKey(byte[] pem) throws IOException {
        String text = new String(pem, StandardCharsets.US_ASCII);
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
                if (part instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
                if (part instanceof PrivateKeyInfo info) {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                }
            }
        }
        throw new IOException("the kubeconfig's client key is no unencrypted PEM private key");
    }

    private static byte @Nullable [] content(@Nullable String data, @Nullable String file)
            throws IOException {
        if (data != null && !data.isBlank()) {
            return Base64.getMimeDecoder().decode(data);
        }
        return file == null || file.isBlank() ? null : Files.readAllBytes(Path.of(file));
    }
}
