package dev.fairway.controller.compile;

import dev.fairway.contract.Keys;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** Chance from the operating system; certificates by BouncyCastle. Thread-safe. */
public final class SystemRandomness implements Randomness {
    private static final int SEED_BYTES = 32;
    private static final Duration VALIDITY = Duration.ofDays(365);

    /** Clocks of clients may be behind ours. */
    private static final Duration SKEW = Duration.ofHours(24);

    private static final X500Name NAME = new X500Name("CN=Fairway default certificate");
    private static final String SERVER_NAME = "ingress.local";

    private final SecureRandom random = new SecureRandom();

    @Override
    public Keys.Key.Seed seed() {
        byte[] bytes = new byte[SEED_BYTES];
        random.nextBytes(bytes);
        return new Keys.Key.Seed(Base64.getEncoder().encodeToString(bytes));
    }

    @Override
    public Keys.Key.Certificate selfSigned(Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            X509CertificateHolder certificate =
                    new JcaX509v3CertificateBuilder(
                                    NAME,
                                    new BigInteger(127, random).setBit(126),
                                    Date.from(now.minus(SKEW)),
                                    Date.from(now.plus(VALIDITY)),
                                    NAME,
                                    pair.getPublic())
                            .addExtension(
                                    Extension.subjectAlternativeName,
                                    false,
                                    new GeneralNames(
                                            new GeneralName(GeneralName.dNSName, SERVER_NAME)))
                            .build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(pair.getPrivate()));
            return new Keys.Key.Certificate(
                    pem("CERTIFICATE", certificate.getEncoded()),
                    pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("no self-signed certificate on this platform", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(String type, byte[] content) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        }
        return text.toString();
    }
}
