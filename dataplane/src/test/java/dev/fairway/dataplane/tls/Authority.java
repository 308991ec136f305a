package dev.fairway.dataplane.tls;

import dev.fairway.contract.Keys;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509v2CRLBuilder;
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

    /** What goes with the certificates it issues: its own, and those up to the root. */
    private final String intermediates;

    public Authority(String commonName) throws Exception {
        name = new X500Name("CN=" + commonName);
        certificate = sign(name, pair, null, tomorrow(), true);
        intermediates = "";
    }

    private Authority(String commonName, Authority above) throws Exception {
        name = new X500Name("CN=" + commonName);
        certificate = above.sign(name, pair, null, tomorrow(), true);
        intermediates = pem(certificate) + above.intermediates;
    }

    /** One that this one answers for. */
    public Authority intermediate(String commonName) throws Exception {
        return new Authority(commonName, this);
    }

    private static Instant tomorrow() {
        return Instant.now().plus(1, ChronoUnit.DAYS);
    }

    public String pem() throws Exception {
        return pem(certificate);
    }

    X509Certificate certificate() {
        return certificate;
    }

    public Keys.Key.Certificate issue(String dnsName) throws Exception {
        return issue(dnsName, ec(), tomorrow());
    }

    public Keys.Key.Certificate issueUntil(String dnsName, Instant until) throws Exception {
        return issue(dnsName, ec(), until);
    }

    /** For these purposes only. */
    public Keys.Key.Certificate issueFor(String dnsName, KeyPurposeId... purposes)
            throws Exception {
        return issue(dnsName, ec(), tomorrow(), purposes);
    }

    /** What it takes back, in a list that is good until then. */
    public String revoking(Instant until, Keys.Key.Certificate... revoked) throws Exception {
        X509v2CRLBuilder list =
                new X509v2CRLBuilder(name, Date.from(Instant.now().minus(2, ChronoUnit.DAYS)));
        list.setNextUpdate(Date.from(until));
        for (Keys.Key.Certificate each : revoked) {
            X509Certificate leaf =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(
                                            new ByteArrayInputStream(
                                                    each.chainPem()
                                                            .getBytes(StandardCharsets.US_ASCII)));
            list.addCRLEntry(leaf.getSerialNumber(), new Date(), CRLReason.keyCompromise);
        }
        return pem(
                list.build(
                        new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }

    Keys.Key.Certificate issue(
            String dnsName, KeyPair subject, Instant until, KeyPurposeId... purposes)
            throws Exception {
        X509Certificate leaf =
                sign(new X500Name("CN=" + dnsName), subject, dnsName, until, false, purposes);
        return new Keys.Key.Certificate(
                pem(leaf) + intermediates, pem(new JcaPKCS8Generator(subject.getPrivate(), null)));
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
            X500Name subject,
            KeyPair keys,
            String dnsName,
            Instant until,
            boolean authority,
            KeyPurposeId... purposes)
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
        if (purposes.length > 0) {
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(pair.getPrivate())));
    }
}
