package dev.fairway.controller.compile;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.controller.compile.annotation.SecretValues;
import dev.fairway.controller.compile.certificate.PairMemory;
import dev.fairway.controller.compile.certificate.PemPair;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a TLS Secret is worth now: its own content, or the last good one that was published under
 * its id. A pair that is wrong, cut, expired or not yet valid never replaces a good one.
 */
final class TlsContent {
    private static final Duration SOON = Duration.ofDays(10);
    private static final String TYPE = "kubernetes.io/tls";

    private final Catalogue catalogue;
    private final boolean compatible;
    private final Map<KeyId, Keys.Key> retained;
    private final PairMemory pairs;
    private final Instant now;
    private final Map<KeyId, Found> found = new HashMap<>();

    TlsContent(
            Catalogue catalogue,
            boolean compatible,
            Map<KeyId, Keys.Key> retained,
            PairMemory pairs,
            Instant now) {
        this.catalogue = catalogue;
        this.compatible = compatible;
        this.retained = retained;
        this.pairs = pairs;
        this.now = now;
    }

    /** Something to tell the user, without its consequence. */
    record Complaint(ProblemCode code, String text) {}

    /**
     * @param pair what can be served; absent: nothing ever was good
     * @param complaint why it is not the Secret's own content, or what it will be soon
     * @param lastGood {@code pair} is what was published before
     */
    record Found(Optional<PemPair.Good> pair, Optional<Complaint> complaint, boolean lastGood) {}

    static KeyId id(String namespace, String name) {
        return new KeyId("tls/" + namespace + "/" + name);
    }

    Found find(String namespace, String name) {
        KeyId id = id(namespace, name);
        Found known = found.get(id);
        if (known == null) {
            known = judge(id, namespace, name);
            found.put(id, known);
        }
        return known;
    }

    private Found judge(KeyId id, String namespace, String name) {
        String what = "the Secret " + Printable.quoted(name) + " ";
        Optional<Secret> secret = catalogue.secret(namespace, name);
        if (secret.isEmpty()) {
            return lastGood(id, ProblemCode.CERTIFICATE_MISSING, what + "doesn't exist");
        }
        SecretValues values = new SecretValues(secret.get());
        Optional<String> chain = values.text("tls.crt");
        Optional<String> key = values.text("tls.key");
        if (chain.isEmpty() || key.isEmpty()) {
            return lastGood(id, ProblemCode.CERTIFICATE_MISSING, what + "lacks tls.crt or tls.key");
        }
        String type = Optional.ofNullable(secret.get().getType()).orElse("Opaque");
        if (!type.equals(TYPE) && !compatible) {
            return lastGood(
                    id,
                    ProblemCode.CERTIFICATE_INVALID,
                    what + "is of type " + Printable.quoted(type) + ", not " + TYPE);
        }
        return switch (pairs.read(chain.get(), key.get())) {
            case PemPair.Bad bad ->
                    lastGood(id, ProblemCode.CERTIFICATE_INVALID, what + bad.reason());
            case PemPair.Good good -> judge(id, what, good);
        };
    }

    private Found judge(KeyId id, String what, PemPair.Good good) {
        if (now.isBefore(good.notBefore())) {
            return lastGood(
                    id,
                    ProblemCode.CERTIFICATE_EXPIRED,
                    what + "holds a certificate that is valid only from " + good.notBefore());
        }
        if (!good.validAt(now)) {
            return lastGood(
                    id,
                    ProblemCode.CERTIFICATE_EXPIRED,
                    what + "holds a certificate that expired at " + good.notAfter());
        }
        boolean soon = !now.plus(SOON).isBefore(good.notAfter());
        return new Found(
                Optional.of(good),
                soon
                        ? Optional.of(
                                new Complaint(
                                        ProblemCode.CERTIFICATE_EXPIRES_SOON,
                                        what
                                                + "holds a certificate that expires at "
                                                + good.notAfter()))
                        : Optional.empty(),
                false);
    }

    private Found lastGood(KeyId id, ProblemCode code, String text) {
        return new Found(retained(id), Optional.of(new Complaint(code, text)), true);
    }

    private Optional<PemPair.Good> retained(KeyId id) {
        return retained.get(id) instanceof Keys.Key.Certificate certificate
                        && pairs.read(certificate.chainPem(), certificate.privateKeyPem())
                                instanceof PemPair.Good good
                ? Optional.of(good)
                : Optional.empty();
    }
}
