package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.ClientCertificates.Verification;
import dev.fairway.contract.KeyId;
import dev.fairway.controller.compile.ProblemCode;
import dev.fairway.controller.compile.certificate.AuthorityBundle;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code auth-tls-*}: certificates that clients show. What an Ingress says of them holds for its
 * hosts, whoever has paths there; which Ingress's word counts is {@code compile.ClientPolicies}' to
 * say, so that no route gets a policy here.
 */
public final class ClientCertification implements Feature {
    private static final int USUAL_DEPTH = 1;

    private static final Setting<String> SECRET =
            Setting.of("auth-tls-secret", Grammars.OBJECT_NAME).guarding();
    private static final Setting<Verification> VERIFY =
            Setting.of(
                            "auth-tls-verify-client",
                            Grammars.oneOf(
                                    Map.of(
                                            "on",
                                            Verification.REQUIRED,
                                            "off",
                                            Verification.OFF,
                                            "optional",
                                            Verification.OPTIONAL,
                                            "optional_no_ca",
                                            Verification.OPTIONAL_NO_CA)))
                    .guarding();
    private static final Setting<Integer> DEPTH =
            Setting.of("auth-tls-verify-depth", Grammars.number(0, 100)).guarding();
    private static final Setting<String> ERROR_PAGE =
            Setting.of(
                            "auth-tls-error-page",
                            new Grammar<>(
                                    "an absolute http or https URL, or a path",
                                    text ->
                                            Grammars.matching(
                                                            text,
                                                            "(https?://[a-zA-Z0-9.-]{1,253}(:[0-9]{1,5})?)?(/[-._~a-zA-Z0-9/]*)?")
                                                    .filter(p ->
                                                            !p.isEmpty() && p.length() <= 2048)))
                    .guarding();
    private static final Setting<Boolean> PASS =
            Setting.of("auth-tls-pass-certificate-to-upstream", Grammars.BOOL).guarding();
    private static final Setting<String> SUBJECT =
            Setting.of(
                            "auth-tls-match-cn",
                            new Grammar<>(
                                    "CN= and a regular expression in RE2 syntax",
                                    text ->
                                            text.startsWith("CN=")
                                                    ? Grammars.REGEX.read(text)
                                                    : Optional.empty()))
                    .guarding();

    /** What an Ingress asks for. */
    public sealed interface Asked {
        record Policy(ClientCertificates policy) implements Asked {}

        /** It can't be honoured, and the Ingress has been told. */
        record Broken() implements Asked {}
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(SECRET, VERIFY, DEPTH, ERROR_PAGE, PASS, SUBJECT);
    }

    @Override
    public void compile(Location location) {}

    /** Absent: nothing. */
    public static Optional<Asked> asked(Annotations annotations, String namespace) {
        Optional<String> reference = annotations.read(SECRET);
        Optional<Verification> verify = annotations.read(VERIFY);
        Optional<Integer> depth = annotations.read(DEPTH);
        Optional<String> page = annotations.read(ERROR_PAGE);
        Optional<Boolean> pass = annotations.read(PASS);
        Optional<String> subject = annotations.read(SUBJECT);
        if (!annotations.says(SECRET)) {
            return withoutSecret(annotations, verify);
        }
        Optional<KeyId> authorities =
                reference
                        .flatMap(r -> SecretValues.named(annotations, namespace, SECRET, r))
                        .flatMap(secret -> publish(annotations, secret));
        boolean all =
                reading(annotations, VERIFY, verify)
                        && reading(annotations, DEPTH, depth)
                        && reading(annotations, ERROR_PAGE, page)
                        && reading(annotations, PASS, pass)
                        && reading(annotations, SUBJECT, subject);
        if (authorities.isEmpty() || !all) {
            return Optional.of(new Asked.Broken());
        }
        if (page.filter(p -> p.startsWith("/")).isPresent()) {
            annotations.report(
                    ProblemCode.UNSUPPORTED_ANNOTATION,
                    ERROR_PAGE,
                    "is a path, which would be served without a certificate: clients get 400"
                            + " instead; a URL is redirected to");
        }
        return Optional.of(
                new Asked.Policy(
                        new ClientCertificates(
                                authorities.get(),
                                verify.orElse(Verification.REQUIRED),
                                // as in ingress-nginx, 0 is not said
                                depth.filter(d -> d > 0)
                                        .map(d -> Math.min(d, ClientCertificates.MAX_DEPTH))
                                        .orElse(USUAL_DEPTH),
                                subject,
                                page,
                                pass.orElse(false))));
    }

    private static boolean reading(Annotations annotations, Setting<?> setting, Optional<?> read) {
        return read.isPresent() || !annotations.says(setting);
    }

    /**
     * In ingress-nginx the group then means nothing; but what keeps clients out and can't do so closes
     * its routes.
     */
    private static Optional<Asked> withoutSecret(
            Annotations annotations, Optional<Verification> verify) {
        boolean broken = false;
        for (Setting<?> member : List.of(VERIFY, DEPTH, ERROR_PAGE, PASS, SUBJECT)) {
            if (!annotations.says(member)) {
                continue;
            }
            boolean guards =
                    member == SUBJECT
                            || (member == VERIFY
                                    && verify.filter(Verification.REQUIRED::equals).isPresent());
            if (guards) {
                broken = true;
                annotations.refuse(
                        member, "needs auth-tls-secret: there is no ca.crt to verify with");
            } else {
                annotations.report(
                        ProblemCode.IGNORED_ANNOTATION,
                        member,
                        "has no effect without auth-tls-secret, as in ingress-nginx");
            }
        }
        return broken ? Optional.of(new Asked.Broken()) : Optional.empty();
    }

    private static Optional<KeyId> publish(Annotations annotations, Secret secret) {
        SecretValues values = new SecretValues(secret);
        Optional<String> crl = values.text("ca.crl");
        if (crl.isEmpty() && values.keys().contains("ca.crl")) {
            annotations.refuse(SECRET, "names a Secret whose ca.crl is not Base64");
            return Optional.empty();
        }
        return switch (annotations.around().authorities(values.text("ca.crt").orElse(""), crl)) {
            case AuthorityBundle.Bad(String reason) -> {
                annotations.refuse(SECRET, "names a Secret that " + reason);
                yield Optional.empty();
            }
            case AuthorityBundle.Good(var authorities) -> {
                KeyId id =
                        new KeyId(
                                "client-ca/"
                                        + secret.getMetadata().getNamespace()
                                        + "/"
                                        + secret.getMetadata().getName());
                annotations.around().publish(id, authorities);
                yield Optional.of(id);
            }
        };
    }

    /** The problem of routes on a host whose policy is not what their Ingress asked for. */
    public static void close(Location location, String why) {
        location.close(ProblemCode.SECURITY_SETTING_REFUSED, SECRET, why);
    }

    /** Something about what this Ingress asks for that costs nothing else. */
    public static void report(Annotations annotations, String what) {
        annotations.report(ProblemCode.SHADOWED, SECRET, what);
    }
}
