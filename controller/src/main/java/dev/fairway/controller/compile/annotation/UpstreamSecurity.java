package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Keys.Key.UpstreamIdentity;
import dev.fairway.contract.Policy;
import dev.fairway.controller.compile.ProblemCode;
import dev.fairway.controller.compile.certificate.PemPair;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * {@code backend-protocol}, a Service port's {@code appProtocol} and {@code proxy-ssl-*}. gRPC is HTTP/2:
 * the data plane sends a gRPC call so to whatever backend, and all else as is said here. These hold
 * for the Ingress's own paths only; ingress-nginx lends one Ingress's client certificate to every
 * Ingress of the host.
 */
final class UpstreamSecurity implements Feature {
    private enum Protocol {
        HTTP,
        HTTPS,
        /** HTTPS for requests that came by https, HTTP for the others. */
        AUTO_HTTP,
        GRPC,
        GRPCS,
        UNSERVED;

        boolean overTls() {
            return this == HTTPS || this == GRPCS || this == AUTO_HTTP;
        }

        boolean http2() {
            return this == GRPC || this == GRPCS;
        }
    }

    private static final Setting<Protocol> PROTOCOL =
            Setting.of(
                    "backend-protocol",
                    new Grammar<>(
                            "HTTP, HTTPS, AUTO_HTTP, GRPC, GRPCS or FCGI",
                            text ->
                                    switch (text.toUpperCase(Locale.ROOT)) {
                                        case "HTTP" -> Optional.of(Protocol.HTTP);
                                        case "HTTPS" -> Optional.of(Protocol.HTTPS);
                                        case "AUTO_HTTP" -> Optional.of(Protocol.AUTO_HTTP);
                                        case "GRPC" -> Optional.of(Protocol.GRPC);
                                        case "GRPCS" -> Optional.of(Protocol.GRPCS);
                                        case "FCGI" -> Optional.of(Protocol.UNSERVED);
                                        default -> Optional.empty();
                                    }));

    /** Removed from ingress-nginx years ago, and still in many manifests. */
    private static final Setting<Boolean> SECURE_BACKENDS =
            Setting.of("secure-backends", Grammars.BOOL);

    private static final Setting<String> SECRET =
            Setting.of("proxy-ssl-secret", Grammars.OBJECT_NAME).guarding();
    private static final Setting<Boolean> VERIFY =
            Setting.of("proxy-ssl-verify", Grammars.ON_OFF)
                    .withTwin("upstream-tls-verify", Grammars.STRICT_BOOL)
                    .guarding();
    private static final Setting<String> NAME =
            Setting.of("proxy-ssl-name", Grammars.DNS_NAME)
                    .withTwin("upstream-tls-name", Grammars.DNS_NAME)
                    .guarding();
    private static final Setting<Boolean> SERVER_NAME =
            Setting.of("proxy-ssl-server-name", Grammars.ON_OFF);
    private static final Setting<List<String>> PROTOCOLS =
            Setting.of(
                    "proxy-ssl-protocols",
                    new Grammar<>(
                            "a space-separated list of TLSv1.2 and TLSv1.3",
                            UpstreamSecurity::protocols));

    private static Optional<List<String>> protocols(String text) {
        Grammar<String> word = Grammars.oneOf(Map.of("TLSv1.2", "TLSv1.2", "TLSv1.3", "TLSv1.3"));
        TreeSet<String> all = new TreeSet<>();
        for (String part : text.split(" +", -1)) {
            Optional<String> one = word.read(part);
            if (one.isEmpty()) {
                return Optional.empty();
            }
            all.add(one.get());
        }
        return Optional.of(List.copyOf(all));
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(PROTOCOL, SECURE_BACKENDS, SECRET, VERIFY, NAME, SERVER_NAME, PROTOCOLS);
    }

    @Override
    public void compile(Location location) {
        Protocol protocol = protocol(location);
        if (protocol.http2()) {
            location.add(new Policy.UpstreamHttp2());
        }
        if (protocol == Protocol.AUTO_HTTP) {
            location.add(new Policy.UpstreamSchemeAsRequested());
        }
        if (protocol.overTls()) {
            location.add(tls(location));
            return;
        }
        for (Setting<?> member : List.of(SECRET, VERIFY)) {
            if (location.annotations().says(member)) {
                location.annotations()
                        .report(
                                ProblemCode.IGNORED_ANNOTATION,
                                member,
                                "has no effect on a backend that is not reached by HTTPS");
            }
        }
    }

    /** The annotation wins over the Service. */
    private static Protocol protocol(Location location) {
        Annotations annotations = location.annotations();
        Optional<Protocol> said = annotations.read(PROTOCOL);
        if (said.isPresent()) {
            if (said.get() == Protocol.UNSERVED) {
                location.close(
                        ProblemCode.UNSUPPORTED_PROTOCOL,
                        PROTOCOL,
                        "asks for FastCGI, which is not served; its routes answer 503");
            }
            return said.get();
        }
        if (annotations.read(SECURE_BACKENDS).orElse(false)) {
            annotations.report(
                    ProblemCode.UNSUPPORTED_ANNOTATION,
                    SECURE_BACKENDS,
                    "is no longer an annotation; it is taken as backend-protocol: HTTPS");
            return Protocol.HTTPS;
        }
        String declared = location.place().appProtocol().orElse("");
        return switch (declared) {
            case "https", "kubernetes.io/wss" -> Protocol.HTTPS;
            case "kubernetes.io/h2c", "grpc" -> Protocol.GRPC;
            default -> Protocol.HTTP;
        };
    }

    private static Policy.UpstreamTls tls(Location location) {
        Annotations annotations = location.annotations();
        Optional<String> reference = annotations.read(SECRET);
        boolean verify = annotations.read(VERIFY).orElse(false);
        Optional<String> name = annotations.read(NAME);
        Optional<Boolean> sendName = annotations.read(SERVER_NAME);
        Optional<List<String>> protocols = annotations.read(PROTOCOLS);
        boolean twin =
                annotations
                        .key(VERIFY)
                        .filter(k -> k.startsWith(Annotations.NATIVE_PREFIX))
                        .isPresent();
        if (reference.isEmpty() && location.around().compatible() && !twin) {
            // as ingress-nginx: the group means nothing without the Secret. But what asks for
            // verification and can't have it closes its route
            if (verify) {
                annotations.refuse(
                        VERIFY, "needs proxy-ssl-secret: there is no ca.crt to verify with");
            }
            for (Setting<?> member : List.of(NAME, SERVER_NAME, PROTOCOLS)) {
                if (annotations.says(member)) {
                    annotations.report(
                            ProblemCode.IGNORED_ANNOTATION,
                            member,
                            "has no effect without proxy-ssl-secret, as in ingress-nginx; the"
                                    + " backend's certificate is not verified");
                }
            }
            return new Policy.UpstreamTls(
                    Optional.empty(), false, Optional.empty(), false, List.of());
        }
        Optional<KeyId> identity =
                reference
                        .flatMap(r -> SecretValues.named(location, SECRET, r))
                        .flatMap(secret -> publish(location, secret, verify));
        return new Policy.UpstreamTls(
                identity,
                verify,
                name,
                sendName.orElse(verify && twin),
                protocols.orElse(List.of()));
    }

    private static Optional<KeyId> publish(Location location, Secret secret, boolean verify) {
        Annotations annotations = location.annotations();
        SecretValues values = new SecretValues(secret);
        KeyId id =
                new KeyId(
                        "upstream/"
                                + secret.getMetadata().getNamespace()
                                + "/"
                                + secret.getMetadata().getName());
        Optional<String> authorities = values.text("ca.crt");
        List<String> wrong = new ArrayList<>();
        if (authorities.isPresent() && !authorities.get().contains("-----BEGIN CERTIFICATE-----")) {
            wrong.add("has no PEM certificate under ca.crt");
        }
        if (verify && authorities.isEmpty()) {
            wrong.add("has no ca.crt to verify the backend with");
        }
        Optional<Keys.Key.Certificate> own = Optional.empty();
        if (values.text("tls.crt").isPresent() || values.text("tls.key").isPresent()) {
            switch (location.around()
                    .pair(values.text("tls.crt").orElse(""), values.text("tls.key").orElse(""))) {
                case PemPair.Good good -> own = Optional.of(good.certificate());
                case PemPair.Bad bad -> wrong.add(bad.reason());
            }
        }
        if (wrong.isEmpty()) {
            location.around().publish(id, new UpstreamIdentity(own, authorities));
            return Optional.of(id);
        }
        String what = "names a Secret that " + String.join(" and ", wrong);
        if (location.around().retained(id).orElse(null) instanceof UpstreamIdentity good
                && (!verify || good.caPem().isPresent())) {
            location.around().publish(id, good);
            annotations.report(
                    ProblemCode.BAD_ANNOTATION, SECRET, what + "; its last good content is used");
            return Optional.of(id);
        }
        annotations.refuse(SECRET, what);
        return Optional.empty();
    }
}
