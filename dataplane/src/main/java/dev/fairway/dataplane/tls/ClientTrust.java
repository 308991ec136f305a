package dev.fairway.dataplane.tls;

import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.Keys.Key.ClientAuthorities;
import dev.fairway.dataplane.message.ClientProof;
import dev.fairway.dataplane.message.ClientProof.Verdict;
import io.netty.util.AttributeKey;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.Certificate;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates count under one client-certificate policy. A handshake takes whatever is shown,
 * so that the client can be told in HTTP; {@link #proof} judges it for every connection, resumed ones
 * included. Immutable.
 */
public final class ClientTrust {

    /** Of a connection whose handshake asked for a certificate. */
    public static final AttributeKey<ClientTrust> ASKED =
            AttributeKey.valueOf(ClientTrust.class, "asked");

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final int LONGEST_CHAIN = 12;

    /** As OpenSSL names what RFC 2253 has no word for. */
    private static final Map<String, String> WORDS =
            Map.of(
                    "1.2.840.113549.1.9.1", "emailAddress",
                    "2.5.4.5", "serialNumber",
                    "2.5.4.4", "SN",
                    "2.5.4.42", "GN",
                    "2.5.4.12", "title",
                    "2.5.4.46", "dnQualifier",
                    "2.5.4.43", "initials",
                    "2.5.4.97", "organizationIdentifier");

    private final String policy;
    private final int depth;
    private final List<X509Certificate> authorities;
    private final @Nullable List<X509CRL> revocations;

    ClientTrust(String policy, ClientCertificates asked, ClientAuthorities material)
            throws MaterialRefused {
        this.policy = policy;
        this.depth = asked.depth();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> certificates = new ArrayList<>();
            for (Certificate each : factory.generateCertificates(in(material.caPem()))) {
                certificates.add((X509Certificate) each);
            }
            this.authorities = List.copyOf(certificates);
            if (material.crlPem().isEmpty()) {
                this.revocations = null;
            } else {
                List<X509CRL> lists = new ArrayList<>();
                for (var each : factory.generateCRLs(in(material.crlPem().get()))) {
                    lists.add((X509CRL) each);
                }
                this.revocations = List.copyOf(lists);
            }
        } catch (GeneralSecurityException e) {
            throw new MaterialRefused("client authorities can't be read", e);
        }
    }

    private static ByteArrayInputStream in(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    String policy() {
        return policy;
    }

    /** Takes all, and names the authorities to the client. */
    X509ExtendedTrustManager takingAll() {
        return new TakingAll(authorities.toArray(new X509Certificate[0]));
    }

    /** A verdict with its words: why not, as OpenSSL says it. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;
        final Verdict verdict;
        final String why;

        Wrong(Verdict verdict, String why) {
            super(why, null, false, false);
            this.verdict = verdict;
            this.why = why;
        }
    }

    public ClientProof proof(SSLSession session) {
        X509Certificate[] chain;
        try {
            Certificate[] peer = session.getPeerCertificates();
            chain = new X509Certificate[Math.min(peer.length, LONGEST_CHAIN)];
            for (int i = 0; i < chain.length; i++) {
                chain[i] = (X509Certificate) peer[i];
            }
        } catch (SSLPeerUnverifiedException e) {
            chain = new X509Certificate[0];
        }
        return proof(chain);
    }

    ClientProof proof(X509Certificate[] chain) {
        if (chain.length == 0) {
            return new ClientProof(policy, Verdict.NONE, "NONE", "", "", "");
        }
        Verdict verdict = Verdict.GOOD;
        String verify = "SUCCESS";
        String subject = "";
        String issuer = "";
        String certificate = "";
        try {
            subject = text(chain[0].getSubjectX500Principal());
            issuer = text(chain[0].getIssuerX500Principal());
            certificate = escaped(chain[0]);
            check(chain);
        } catch (Wrong e) {
            verdict = e.verdict;
            verify = "FAILED:" + e.why;
        } catch (GeneralSecurityException | RuntimeException e) {
            verdict = Verdict.BAD;
            verify = "FAILED:certificate rejected";
        }
        return new ClientProof(policy, verdict, verify, subject, issuer, certificate);
    }

    private void check(X509Certificate[] chain) throws Wrong, GeneralSecurityException {
        Date now = new Date();
        X509Certificate leaf = chain[0];
        valid(leaf, now);
        forClients(leaf);
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && !usage[0] && !usage[4]) {
            throw new Wrong(Verdict.BAD, "unsuitable certificate purpose");
        }
        if (authorities.contains(leaf)) {
            return;
        }
        List<X509Certificate> path = new ArrayList<>(List.of(leaf));
        X509Certificate anchor = issuer(leaf, authorities);
        while (anchor == null) {
            X509Certificate next = issuer(path.getLast(), List.of(chain));
            if (next == null || path.contains(next)) {
                throw new Wrong(Verdict.UNTRUSTED, "unable to verify the first certificate");
            }
            if (path.size() > depth) {
                throw new Wrong(Verdict.BAD, "certificate chain too long");
            }
            valid(next, now);
            forClients(next);
            path.add(next);
            anchor = issuer(next, authorities);
        }
        valid(anchor, now);
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
        parameters.setRevocationEnabled(false); // notRevoked does it, without asking the network
        CertPathValidator.getInstance("PKIX")
                .validate(
                        CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        List<X509CRL> lists = revocations;
        if (lists != null) {
            for (int i = 0; i < path.size(); i++) {
                notRevoked(path.get(i), i + 1 < path.size() ? path.get(i + 1) : anchor, lists, now);
            }
        }
    }

    private static void valid(X509Certificate certificate, Date now) throws Wrong {
        try {
            certificate.checkValidity(now);
        } catch (CertificateExpiredException e) {
            throw new Wrong(Verdict.BAD, "certificate has expired");
        } catch (CertificateNotYetValidException e) {
            throw new Wrong(Verdict.BAD, "certificate is not yet valid");
        }
    }

    private static void forClients(X509Certificate certificate)
            throws Wrong, GeneralSecurityException {
        List<String> usages = certificate.getExtendedKeyUsage();
        if (usages != null && !usages.contains(CLIENT_AUTH)) {
            throw new Wrong(Verdict.BAD, "unsuitable certificate purpose");
        }
    }

    private static @Nullable X509Certificate issuer(
            X509Certificate of, List<X509Certificate> among) {
        for (X509Certificate each : among) {
            if (each.getSubjectX500Principal().equals(of.getIssuerX500Principal())
                    && signed(of, each.getPublicKey())) {
                return each;
            }
        }
        return null;
    }

    private static boolean signed(X509Certificate certificate, PublicKey by) {
        try {
            certificate.verify(by);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Each certificate needs a list of its issuer that is current: none is not "not revoked". */
    private static void notRevoked(
            X509Certificate certificate, X509Certificate issuer, List<X509CRL> lists, Date now)
            throws Wrong {
        boolean listed = false;
        for (X509CRL list : lists) {
            if (!list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())) {
                continue;
            }
            try {
                list.verify(issuer.getPublicKey());
            } catch (GeneralSecurityException e) {
                continue;
            }
            if (list.getRevokedCertificate(certificate.getSerialNumber()) != null) {
                throw new Wrong(Verdict.BAD, "certificate revoked");
            }
            Date next = list.getNextUpdate();
            listed |= !list.getThisUpdate().after(now) && (next == null || next.after(now));
        }
        if (!listed) {
            throw new Wrong(Verdict.BAD, "unable to get certificate CRL");
        }
    }

    /** As OpenSSL's XN_FLAG_RFC2253 has it: what is not visible ASCII is escaped, byte by byte. */
    private static String text(X500Principal name) {
        StringBuilder text = new StringBuilder();
        for (byte b : name.getName(X500Principal.RFC2253, WORDS).getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 0x7f) {
                text.append((char) b);
            } else {
                text.append(String.format("\\%02X", b));
            }
        }
        return text.toString();
    }

    private static String escaped(X509Certificate certificate) throws GeneralSecurityException {
        String body =
                Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(certificate.getEncoded());
        String pem = "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
        return URLEncoder.encode(pem, StandardCharsets.US_ASCII).replace("+", "%20");
    }

    private static final class TakingAll extends X509ExtendedTrustManager {
        private final X509Certificate[] issuers;

        TakingAll(X509Certificate[] issuers) {
            this.issuers = issuers;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return issuers.clone();
        }
    }
}
