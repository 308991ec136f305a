package dev.fairway.dataplane.tls;

import dev.fairway.contract.Keys;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority made for a test. */
public final class Authority {
    private static final AtomicLong SERIAL = new AtomicLong(System.nanoTime());

    private final KeyPair pair = ec();
    private final X500Name name;
    private final X509Certificate certificate;

    public Authority(String commonName) throws Exception {
        name = new X500Name("CN=" + commonName);
        certificate = sign(name, pair, null, Instant.now().plus(1, ChronoUnit.DAYS), true);
    }

    public String pem() throws Exception {
        return pem(certificate);
    }

    X509Certificate certificate() {
        return certificate;
    }

    public Keys.Key.Certificate issue(String dnsName) throws Exception {
        return issue(dnsName, ec(), Instant.now().plus(1, ChronoUnit.DAYS));
    }

    Keys.Key.Certificate issue(String dnsName, KeyPair subject, Instant until) throws Exception {
        X509Certificate leaf = sign(new X500Name("CN=" + dnsName), subject, dnsName, until, false);
        return new Keys.Key.Certificate(
                pem(leaf), pem(new JcaPKCS8Generator(subject.getPrivate(), null)));
    }

    static KeyPair ec() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    static String pem(Object object) throws Exception {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    private X509Certificate sign(
            X500Name subject, KeyPair keys, String dnsName, Instant until, boolean authority)
            throws Exception {
        JcaX509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.valueOf(SERIAL.incrementAndGet()),
                        Date.from(Instant.now().minus(2, ChronoUnit.DAYS)),
                        Date.from(until),
                        subject,
                        keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (dnsName != null) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(pair.getPrivate())));
    }
}
