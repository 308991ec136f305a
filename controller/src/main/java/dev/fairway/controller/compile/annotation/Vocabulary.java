package dev.fairway.controller.compile.annotation;

import com.google.re2j.Pattern;
import dev.fairway.controller.compile.Printable;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.compile.ProblemCode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What names mean anything. Whatever stands after one of our prefixes and no feature reads is
 * reported by name; what would have guarded the routes closes them.
 */
public final class Vocabulary {
    private Vocabulary() {}

    /** Tuning of nginx's own machinery, and leftovers without an effect: accepted in silence. */
    private static final Set<String> TUNING =
            Set.of(
                    "proxy-buffer-size",
                    "proxy-buffers-number",
                    "proxy-busy-buffers-size",
                    "proxy-max-temp-file-size",
                    "proxy-buffering",
                    "proxy-request-buffering",
                    "client-body-buffer-size",
                    "http2-push-preload",
                    "enable-rewrite-log",
                    "auth-keepalive",
                    "auth-keepalive-requests",
                    "auth-keepalive-timeout",
                    "auth-keepalive-share-vars",
                    "session-cookie-hash");

    /** ingress-nginx's, known and not served; those that guard are found by their form. */
    private static final Set<String> UNSERVED =
            Set.of(
                    "relative-redirects",
                    "use-port-in-redirects",
                    "ssl-passthrough",
                    "ssl-ciphers",
                    "ssl-prefer-server-ciphers",
                    "proxy-ssl-verify-depth",
                    "proxy-ssl-ciphers",
                    "proxy-ssl-location-only",
                    "service-upstream",
                    "proxy-http-version",
                    "proxy-redirect-from",
                    "proxy-redirect-to",
                    "proxy-cookie-domain",
                    "proxy-cookie-path",
                    "connection-proxy-header",
                    "custom-headers",
                    "fastcgi-index",
                    "fastcgi-params-configmap",
                    "limit-rate",
                    "limit-rate-after",
                    "global-rate-limit",
                    "global-rate-limit-window",
                    "global-rate-limit-key",
                    "global-rate-limit-ignored-cidrs",
                    "mirror-target",
                    "mirror-request-body",
                    "mirror-host",
                    "enable-owasp-core-rules",
                    "modsecurity-transaction-id",
                    "enable-access-log",
                    "enable-opentelemetry",
                    "opentelemetry-trust-incoming-span",
                    "opentelemetry-operation-name",
                    "enable-opentracing",
                    "opentracing-trust-incoming-span",
                    "influxdb-enabled",
                    "add-base-url");

    /** Seen as annotations in the wild, and ConfigMap keys in truth (reference 2.5). */
    private static final Map<String, String> MISPLACED =
            Map.of(
                    "add-hosts", "no ConfigMap key either; use hostAliases of the pod",
                    "enable-websockets", "nothing to switch on: WebSockets are served");

    /** What a snippet says when it keeps requests out. */
    private static final Pattern DENYING =
            Pattern.compile(
                    "\\b(deny|allow|return|auth_basic|auth_request|limit_except|limit_req|satisfy|internal|valid_referers|ssl_verify_client|access_by_lua\\w*|Sec[A-Z]\\w*)\\b");

    /** Reports what this Ingress says in vain. */
    public static void check(Annotations annotations) {
        String nginx = annotations.around().annotationsPrefix() + "/";
        annotations
                .all()
                .forEach((key, value) -> {
                    if (key.startsWith(nginx)) {
                        served(annotations, key, key.substring(nginx.length()), value);
                    } else if (key.startsWith(Annotations.NATIVE_PREFIX)) {
                        String name = key.substring(Annotations.NATIVE_PREFIX.length());
                        if (!Features.TWINS.contains(name)) {
                            unknown(annotations, key, name);
                        } else if (annotations.canary()) {
                            onCanary(annotations, key, name);
                        }
                    } else if (foldsTo(key, nginx) || foldsTo(key, Annotations.NATIVE_PREFIX)) {
                        unknown(annotations, key, key.substring(key.indexOf('/') + 1));
                    }
                });
    }

    private static boolean foldsTo(String key, String prefix) {
        return key.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    private static void served(Annotations annotations, String key, String name, String value) {
        if (annotations.canary() && !TUNING.contains(name)) {
            onCanary(annotations, key, name);
            return;
        }
        if (Features.NAMES.contains(name) || TUNING.contains(name)) {
            return;
        }
        if (name.endsWith("-snippet")) {
            snippet(annotations, key, name, value);
        } else if (name.equals("enable-modsecurity")) {
            if (Grammars.BOOL.read(value).orElse(true)) {
                annotations.refuse(key, "asks for a firewall that is not served yet");
            }
        } else if (UNSERVED.contains(name)) {
            annotations.report(
                    ProblemCode.UNSUPPORTED_ANNOTATION, key, "is not served yet; it has no effect");
        } else {
            unknown(annotations, key, name);
        }
    }

    /** A canary's requests pass its primary's gates; of its own annotations few mean anything. */
    private static void onCanary(Annotations annotations, String key, String name) {
        boolean heard =
                Features.NAMES.contains(name)
                        && (name.startsWith("canary") || name.equals("affinity-canary-behavior"));
        if (!heard) {
            annotations.report(
                    ProblemCode.IGNORED_ANNOTATION,
                    key,
                    "has no effect on a canary, whose requests are treated as its primary says");
        }
    }

    private static void snippet(Annotations annotations, String key, String name, String value) {
        boolean guards = name.startsWith("auth-") || name.startsWith("modsecurity-");
        if (guards || DENYING.matcher(value).find()) {
            annotations.refuse(
                    key, "holds nginx configuration that keeps requests out, and is never run");
        } else {
            annotations.report(
                    ProblemCode.UNSUPPORTED_ANNOTATION,
                    key,
                    "holds nginx configuration, which is never run; it has no effect");
        }
    }

    private static void unknown(Annotations annotations, String key, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        boolean guards =
                lower.startsWith("auth-")
                        || lower.endsWith("-source-range")
                        || lower.endsWith("-snippet")
                        || lower.equals("satisfy")
                        || lower.equals("enable-modsecurity")
                        || lower.equals("proxy-ssl-verify");
        if (guards) {
            annotations.refuse(key, "is a security setting that is not served");
            return;
        }
        String hint =
                MISPLACED.containsKey(name)
                        ? ": " + MISPLACED.get(name)
                        : GlobalVocabulary.knows(name)
                                ? "; did you mean the ConfigMap key " + Printable.plain(name) + "?"
                                : "; it has no effect";
        annotations.report(ProblemCode.UNKNOWN_ANNOTATION, key, "is no annotation" + hint);
    }

    /** Reports the ConfigMap's keys that mean nothing here. */
    public static void checkConfig(Map<String, String> config, Surroundings around) {
        new TreeMap<>(config)
                .forEach((key, value) -> {
                    Optional<String> pointless = GlobalVocabulary.pointless(key);
                    if (pointless.isPresent()) {
                        vain(
                                around,
                                ProblemCode.IGNORED_SETTING,
                                key,
                                "has no effect: " + pointless.get());
                    } else if (GlobalVocabulary.unserved(key)) {
                        vain(
                                around,
                                ProblemCode.UNSUPPORTED_SETTING,
                                key,
                                "is not served yet; it has no effect");
                    } else if (!GlobalVocabulary.served(key)) {
                        vain(
                                around,
                                ProblemCode.UNKNOWN_SETTING,
                                key,
                                "is no ConfigMap key; it has no effect");
                    }
                });
    }

    private static void vain(Surroundings around, ProblemCode code, String key, String what) {
        String name = Printable.plain(key);
        around.report(
                new Problem(
                        code.word(), Annotations.CONFIG, "data[" + name + "]", name + " " + what));
    }
}
