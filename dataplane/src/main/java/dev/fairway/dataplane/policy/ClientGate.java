package dev.fairway.dataplane.policy;

import com.google.re2j.Pattern;
import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.ClientCertificates.Verification;
import dev.fairway.contract.Keys.Key.ClientAuthorities;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.ClientProof;
import dev.fairway.dataplane.message.ClientProof.Verdict;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.message.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request by what its connection proved, with nginx's statuses: 400 without the
 * certificate asked for or with a bad one, 403 for another subject. Tells the backend, whose clients
 * can't say it themselves. Immutable.
 */
public final class ClientGate {
    private static final String PREFIX = "ssl-client-";
    private static final Answer MISSING =
            Answer.of(400, "A client certificate is needed.", "client-certificate-missing");
    private static final Answer BAD =
            Answer.of(400, "The client certificate is not valid here.", "client-certificate-bad");
    private static final Answer OTHER =
            Answer.of(403, "This client certificate is not allowed.", "client-certificate-subject");

    private final ClientCertificates asked;
    private final @Nullable Pattern subject;
    private final @Nullable String policy;
    private final @Nullable Answer page;

    ClientGate(ClientCertificates asked, ClientAuthorities authorities) {
        this.asked = asked;
        this.subject = asked.subjectPattern().map(Pattern::compile).orElse(null);
        this.policy = identity(asked, authorities);
        this.page =
                asked.errorPage()
                        .filter(url -> url.startsWith("http"))
                        .map(url ->
                                new Answer(
                                        302,
                                        List.of(new Header("Location", url)),
                                        "",
                                        "client-certificate-page"))
                        .orElse(null);
    }

    /** Equal for equal policies with equal material; null where no handshake asks for anything. */
    public static @Nullable String identity(
            ClientCertificates asked, ClientAuthorities authorities) {
        if (asked.verification() == Verification.OFF) {
            return null;
        }
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (String part :
                    List.of(
                            asked.toString(),
                            authorities.caPem(),
                            authorities.crlPem().orElse(""))) {
                sha.update(part.getBytes(StandardCharsets.UTF_8));
                sha.update((byte) 0);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Nullable String policy() {
        return policy;
    }

    /** @param exempt the path is served without TLS, too (ACME's HTTP-01) */
    @Nullable Answer check(PolicyContext context, boolean exempt) {
        Request request = context.request();
        // another policy's proof is none
        ClientProof shown = request.proof();
        ClientProof proof =
                shown != null && policy != null && policy.equals(shown.policy()) ? shown : null;
        withoutClaims(request, context);
        if (!request.cameByTls() && exempt) {
            return null;
        }
        Verdict verdict = proof == null ? Verdict.NONE : proof.verdict();
        switch (verdict) {
            case NONE -> {
                if (asked.verification() == Verification.REQUIRED) {
                    return page == null ? MISSING : page;
                }
            }
            case UNTRUSTED -> {
                if (asked.verification() != Verification.OPTIONAL_NO_CA) {
                    return page == null ? BAD : page;
                }
            }
            case BAD -> {
                return page == null ? BAD : page;
            }
            case GOOD -> {}
        }
        if (subject != null && !subject.matcher(proof == null ? "" : proof.subject()).find()) {
            return OTHER;
        }
        tell(context, proof, request.cameByTls());
        return null;
    }

    /** Whatever a client says of itself under these names, with underscores as well. */
    private static void withoutClaims(Request request, PolicyContext context) {
        for (Header field : request.fields()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            if (name.replace('_', '-').startsWith(PREFIX)) {
                context.dropUpstreamHeader(name);
            }
        }
    }

    private void tell(PolicyContext context, @Nullable ClientProof proof, boolean tls) {
        if (proof == null || proof.verdict() == Verdict.NONE) {
            if (tls) {
                context.setUpstreamHeader("ssl-client-verify", "NONE");
            }
            return;
        }
        context.setUpstreamHeader("ssl-client-verify", proof.verify());
        context.setUpstreamHeader("ssl-client-subject-dn", proof.subject());
        context.setUpstreamHeader("ssl-client-issuer-dn", proof.issuer());
        if (asked.passCertificate()) {
            context.setUpstreamHeader("ssl-client-cert", proof.certificate());
        }
    }
}
