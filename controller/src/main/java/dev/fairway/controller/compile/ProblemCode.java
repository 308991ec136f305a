package dev.fairway.controller.compile;

import java.util.Locale;

/** Every word a {@link Problem} may carry; its {@link #word} is the Event's reason. */
public enum ProblemCode {
    /** A rule's host is no lower-case DNS name or one-label wildcard; the rule is left out. */
    HOST_INVALID,
    /** A path can't be what its type asks for; the path is left out. */
    PATH_INVALID,
    /** A path's pattern is no RE2 syntax or too large; the path is left out. */
    REGEX_INVALID,
    /** An Ingress has neither rules nor a default backend. */
    INGRESS_EMPTY,
    /** An older Ingress owns the same host, path and type, or the catch-all. */
    SHADOWED,
    /** Catch-all Ingresses are switched off. */
    CATCH_ALL_REFUSED,
    /** A canary has no primary with the same host, path and type. */
    CANARY_WITHOUT_PRIMARY,
    /** The Ingress is larger than its budget and refused whole. */
    OVER_BUDGET,
    /** Compiling the Ingress failed inside Fairway; it is left out alone. */
    QUARANTINED,

    /** The Service doesn't exist; requests are answered 503 until it does. */
    SERVICE_MISSING,
    /** The Service has no such TCP port; requests are answered 503 until it has. */
    PORT_MISSING,
    /** The Ingress names a target port instead of a Service port; served in compatibility mode. */
    TARGET_PORT_USED,
    /** Services of type ExternalName are not served yet; 503. */
    EXTERNAL_NAME_UNSUPPORTED,
    /** The backend speaks what is not served yet (gRPC, h2c, FastCGI); 503. */
    UNSUPPORTED_PROTOCOL,
    /** Only Services can be backends; the path counts as not configured. */
    RESOURCE_BACKEND_UNSUPPORTED,
    /** The path names no backend; it counts as not configured. */
    BACKEND_MISSING,
    /** The controller's default backend can't be used. */
    DEFAULT_BACKEND_INVALID,
    /** An EndpointSlice names an address that must not be proxied to. */
    ENDPOINT_REFUSED,

    /** A TLS Secret doesn't exist or lacks a key. */
    CERTIFICATE_MISSING,
    /** A TLS Secret's certificate or key can't be used, or the two don't belong together. */
    CERTIFICATE_INVALID,
    /** A certificate's validity is over, or has not begun. */
    CERTIFICATE_EXPIRED,
    /** A certificate expires within ten days. */
    CERTIFICATE_EXPIRES_SOON,
    /** None of the certificate's names covers the host. */
    CERTIFICATE_DOES_NOT_COVER_HOST,
    /** An older Ingress gives the host another certificate. */
    CERTIFICATE_SHADOWED,
    /** A TLS entry names a host that no rule of the Ingress has. */
    TLS_HOST_WITHOUT_RULE,

    /** A value is not what the annotation takes; the default applies. */
    BAD_ANNOTATION,
    /** A security setting can't be honoured; the routes of the Ingress answer 503. */
    SECURITY_SETTING_REFUSED,
    /** No such annotation. */
    UNKNOWN_ANNOTATION,
    /** An annotation Fairway knows of but does not serve. */
    UNSUPPORTED_ANNOTATION,
    /** An annotation that has no effect where it stands. */
    IGNORED_ANNOTATION,

    /** A value is not what the ConfigMap key takes; the default applies. */
    BAD_SETTING,
    /** No such ConfigMap key. */
    UNKNOWN_SETTING,
    /** A ConfigMap key Fairway knows of but does not serve. */
    UNSUPPORTED_SETTING,
    /** A ConfigMap key that has nothing to set here. */
    IGNORED_SETTING,
    /** Forwarded headers are believed from every address. */
    TRUSTS_EVERYBODY;

    private final String word;

    ProblemCode() {
        StringBuilder camel = new StringBuilder();
        for (String part : name().split("_", -1)) {
            camel.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
        }
        word = camel.toString();
    }

    /** CamelCase, such as {@code ServiceMissing}. */
    public String word() {
        return word;
    }
}
