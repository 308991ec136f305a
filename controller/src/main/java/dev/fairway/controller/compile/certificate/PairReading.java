package dev.fairway.controller.compile.certificate;

import dev.fairway.contract.Keys.Key.Certificate;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/** The one way from PEM texts to a {@link PemPair.Good}; every step may find it unusable. */
final class PairReading {
    private PairReading() {}

    /** A chain has three or four; more is a mistake, and every handshake would carry it. */
    private static final int MAX_CHAIN = 10;

    /** A chain of ten RSA-4096 certificates has about 20 KiB. */
    private static final int MAX_PEM_CHARS = 128 << 10;

    private static final int MIN_RSA_BITS = 1024;

    /** Above it one handshake costs more than a hundred usual ones. */
    private static final int MAX_RSA_BITS = 8192;

    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;
        private final String reason;

        Unusable(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    static PemPair read(String chainPem, String keyPem) throws Unusable {
        if (chainPem.length() > MAX_PEM_CHARS || keyPem.length() > MAX_PEM_CHARS) {
            throw new Unusable("is larger than 128 KiB");
        }
        List<X509CertificateHolder> chain = chain(chainPem);
        X509CertificateHolder leaf = chain.getFirst();
        PrivateKeyInfo key = key(keyPem);
        if (!belongTogether(leaf, key)) {
            throw new Unusable("has a private key that is not its certificate's");
        }
        try {
            StringWriter text = new StringWriter();
            try (PemWriter writer = new PemWriter(text)) {
                for (X509CertificateHolder certificate : chain) {
                    writer.writeObject(new PemObject("CERTIFICATE", certificate.getEncoded()));
                }
            }
            StringWriter keyText = new StringWriter();
            try (PemWriter writer = new PemWriter(keyText)) {
                writer.writeObject(new PemObject("PRIVATE KEY", key.getEncoded()));
            }
            return new PemPair.Good(
                    new Certificate(text.toString(), keyText.toString()),
                    names(leaf),
                    leaf.getNotBefore().toInstant(),
                    leaf.getNotAfter().toInstant());
        } catch (IOException e) {
            throw new Unusable("can't be encoded again");
        }
    }

    private static List<X509CertificateHolder> chain(String pem) throws Unusable {
        List<X509CertificateHolder> chain = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (@Nullable Object part = parser.readObject();
                    part != null;
                    part = parser.readObject()) {
                if (part instanceof X509CertificateHolder certificate) {
                    chain.add(certificate);
                }
                if (chain.size() > MAX_CHAIN) {
                    throw new Unusable("has more than " + MAX_CHAIN + " certificates");
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new Unusable("has a certificate that is cut or malformed");
        }
        if (chain.isEmpty()) {
            throw new Unusable("has no PEM certificate");
        }
        return chain;
    }

    private static PrivateKeyInfo key(String pem) throws Unusable {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (@Nullable Object part = parser.readObject();
                    part != null;
                    part = parser.readObject()) {
                switch (part) {
                    case PrivateKeyInfo pkcs8 -> {
                        return pkcs8;
                    }
                    case PEMKeyPair traditional -> {
                        return traditional.getPrivateKeyInfo();
                    }
                    case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
                            throw new Unusable("has an encrypted private key");
                    default -> {
                        // EC PARAMETERS and the like come before the key
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new Unusable("has a private key that is cut or malformed");
        }
        throw new Unusable("has no PEM private key");
    }

    private static boolean belongTogether(X509CertificateHolder leaf, PrivateKeyInfo key)
            throws Unusable {
        AsymmetricKeyParameter open;
        AsymmetricKeyParameter secret;
        try {
            open = PublicKeyFactory.createKey(leaf.getSubjectPublicKeyInfo());
            secret = PrivateKeyFactory.createKey(key);
        } catch (IOException | RuntimeException e) {
            throw new Unusable("has a key of an unknown kind");
        }
        return switch (secret) {
            case RSAPrivateCrtKeyParameters rsa ->
                    open instanceof RSAKeyParameters other && matches(other, rsa);
            case ECPrivateKeyParameters ec ->
                    open instanceof ECPublicKeyParameters other
                            && other.getParameters()
                                    .getCurve()
                                    .equals(ec.getParameters().getCurve())
                            && ec.getParameters()
                                    .getG()
                                    .multiply(ec.getD())
                                    .normalize()
                                    .equals(other.getQ().normalize());
            case Ed25519PrivateKeyParameters ed ->
                    open instanceof Ed25519PublicKeyParameters other
                            && Arrays.equals(
                                    ed.generatePublicKey().getEncoded(), other.getEncoded());
            default -> throw new Unusable("has a key that is neither RSA, EC nor Ed25519");
        };
    }

    private static boolean matches(RSAKeyParameters open, RSAPrivateCrtKeyParameters secret)
            throws Unusable {
        int bits = open.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new Unusable("has an RSA key of " + bits + " bits");
        }
        BigInteger product = secret.getP().multiply(secret.getQ());
        return open.getModulus().equals(secret.getModulus())
                && product.equals(secret.getModulus())
                && open.getExponent().equals(secret.getPublicExponent());
    }

    private static List<String> names(X509CertificateHolder leaf) {
        List<String> names = new ArrayList<>();
        Optional.ofNullable(leaf.getExtension(Extension.subjectAlternativeName))
                .map(Extension::getExtnValue)
                .map(ASN1OctetString::getOctets)
                .map(GeneralNames::getInstance)
                .ifPresent(all -> {
                    for (GeneralName name : all.getNames()) {
                        if (name.getTagNo() == GeneralName.dNSName) {
                            names.add(name.getName().toString().toLowerCase(Locale.ROOT));
                        }
                    }
                });
        return names;
    }
}
