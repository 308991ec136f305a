package dev.fairway.controller.compile.certificate;

import dev.fairway.contract.Keys.Key.ClientAuthorities;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/** What a {@code ca.crt} and a {@code ca.crl} turn out to be. Immutable. */
public sealed interface AuthorityBundle {

    /** Authorities of whole countries come in bundles of some hundred. */
    int MAX_CERTIFICATES = 500;

    /** Revocation lists are longer than certificates; what a Secret holds is the limit. */
    int MAX_PEM_CHARS = 1 << 20;

    /** @param authorities normalised: nothing but certificates and revocation lists */
    record Good(ClientAuthorities authorities) implements AuthorityBundle {}

    /** @param reason half a sentence */
    record Bad(String reason) implements AuthorityBundle {}

    /** Never throws, whatever the texts are. */
    static AuthorityBundle read(String caPem, Optional<String> crlPem) {
        if (caPem.length() > MAX_PEM_CHARS || crlPem.orElse("").length() > MAX_PEM_CHARS) {
            return new Bad("is larger than 1 MiB");
        }
        try {
            List<PemObject> certificates = new ArrayList<>();
            for (Object part : parts(caPem)) {
                if (part instanceof X509CertificateHolder certificate) {
                    certificates.add(new PemObject("CERTIFICATE", certificate.getEncoded()));
                }
            }
            if (certificates.isEmpty()) {
                return new Bad("has no PEM certificate under ca.crt");
            }
            if (certificates.size() > MAX_CERTIFICATES) {
                return new Bad("has more than " + MAX_CERTIFICATES + " certificates");
            }
            Optional<String> lists = Optional.empty();
            if (crlPem.isPresent()) {
                List<PemObject> found = new ArrayList<>();
                for (Object part : parts(crlPem.get())) {
                    if (part instanceof X509CRLHolder list) {
                        if (!list.getCriticalExtensionOIDs().isEmpty()) {
                            return new Bad(
                                    "has a revocation list under ca.crl that is not for all of its"
                                            + " authority's certificates");
                        }
                        found.add(new PemObject("X509 CRL", list.getEncoded()));
                    }
                }
                if (found.isEmpty()) {
                    return new Bad("has no PEM revocation list under ca.crl");
                }
                lists = Optional.of(written(found));
            }
            return new Good(new ClientAuthorities(written(certificates), lists));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            return new Bad("has a certificate or revocation list that is cut or malformed");
        }
    }

    private static List<Object> parts(String pem) throws IOException {
        List<Object> parts = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (@Nullable Object part = parser.readObject();
                    part != null;
                    part = parser.readObject()) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static String written(List<PemObject> objects) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            for (PemObject object : objects) {
                writer.writeObject(object);
            }
        }
        return text.toString();
    }
}
