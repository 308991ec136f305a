package dev.fairway.controller.compile.annotation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * ingress-nginx's ConfigMap keys: served by a feature, by {@link GlobalSettings}, or not.
 * What is not is said: no key is ignored in silence.
 */
final class GlobalVocabulary {
    private GlobalVocabulary() {}

    /** Read where paths are. */
    private static final String STRICT_PATHS = "strict-validate-path-type";

    private static final List<String> TUNING_PREFIXES =
            List.of("worker-", "max-worker-", "map-", "variables-");

    /** Sizes and caches of nginx's machinery. */
    private static final Set<String> TUNING =
            Set.of(
                    "lua-shared-dicts",
                    "reuse-port",
                    "enable-multi-accept",
                    "enable-aio-write",
                    "enable-serial-reloads",
                    "server-name-hash-max-size",
                    "server-name-hash-bucket-size",
                    "proxy-headers-hash-max-size",
                    "proxy-headers-hash-bucket-size",
                    "proxy-buffer-size",
                    "proxy-buffers-number",
                    "proxy-busy-buffers-size",
                    "proxy-max-temp-file-size",
                    "proxy-buffering",
                    "proxy-request-buffering",
                    "client-body-buffer-size",
                    "grpc-buffer-size-kb",
                    "ssl-buffer-size",
                    "debug-connections");

    private static final String TYPED = "annotations are typed values here, and snippets never run";
    private static final String HEADS =
            "large-client-header-buffers bounds heads of both protocols";
    private static final String UPSTREAM =
            "a connection to a backend carries requests for as long as it is used";

    /** What has nothing to set, and why. */
    private static final Map<String, String> POINTLESS =
            Map.ofEntries(
                    Map.entry("client-header-buffer-size", HEADS),
                    Map.entry("http2-max-field-size", HEADS),
                    Map.entry("http2-max-header-size", HEADS),
                    Map.entry(
                            "http2-max-requests",
                            "keep-alive-requests counts requests of both protocols"),
                    Map.entry("upstream-keepalive-requests", UPSTREAM),
                    Map.entry("upstream-keepalive-time", UPSTREAM),
                    Map.entry("annotations-risk-level", TYPED),
                    Map.entry("annotation-value-word-blocklist", TYPED),
                    Map.entry("allow-snippet-annotations", TYPED),
                    Map.entry("enable-annotation-validations", TYPED),
                    Map.entry("error-log-level", "the log's level is a flag of each process"),
                    Map.entry("ignore-invalid-headers", "invalid fields are refused in any case"),
                    Map.entry("generate-request-id", "every request has an id"));

    private static final Set<String> UNSERVED =
            Set.of(
                    "ssl-protocols",
                    "ssl-ciphers",
                    "ssl-ecdh-curve",
                    "ssl-dh-param",
                    "ssl-session-cache",
                    "ssl-session-cache-size",
                    "ssl-session-timeout",
                    "ssl-session-tickets",
                    "ssl-session-ticket-key",
                    "ssl-early-data",
                    "ssl-reject-handshake",
                    "enable-ocsp",
                    "service-upstream",
                    "proxy-set-headers",
                    "add-headers",
                    "proxy-add-original-uri-header",
                    "global-allowed-response-headers",
                    "allow-cross-namespace-resources",
                    "block-user-agents",
                    "block-referers",
                    "global-auth-snippet",
                    "global-auth-cache-key",
                    "global-auth-cache-duration",
                    "global-auth-always-set-cookie",
                    "global-rate-limit-status-code",
                    "log-format-upstream",
                    "log-format-stream",
                    "log-format-escape-json",
                    "log-format-escape-none",
                    "access-log-path",
                    "access-log-params",
                    "error-log-path",
                    "skip-access-log-urls",
                    "enable-access-log-for-default-backend",
                    "use-gzip",
                    "gzip-level",
                    "gzip-min-length",
                    "gzip-types",
                    "gzip-disable",
                    "enable-brotli",
                    "brotli-level",
                    "brotli-min-length",
                    "brotli-types",
                    "default-type",
                    "limit-rate",
                    "limit-rate-after",
                    "limit-conn-zone-variable",
                    "enable-opentelemetry",
                    "enable-modsecurity",
                    "enable-owasp-modsecurity-crs",
                    "modsecurity-snippet",
                    "main-snippet",
                    "http-snippet",
                    "server-snippet",
                    "stream-snippet",
                    "location-snippet",
                    "proxy-stream-timeout",
                    "proxy-stream-next-upstream",
                    "proxy-cookie-domain",
                    "proxy-cookie-path",
                    "proxy-redirect-from",
                    "proxy-redirect-to",
                    "proxy-http-version",
                    "relative-redirects",
                    "use-port-in-redirects",
                    "disable-ipv6",
                    "disable-ipv6-dns",
                    "bind-address",
                    "nginx-status-ipv4-whitelist",
                    "nginx-status-ipv6-whitelist",
                    "http-access-log-path",
                    "stream-access-log-path",
                    "proxy-stream-next-upstream-timeout",
                    "proxy-stream-next-upstream-tries",
                    "proxy-stream-responses",
                    "proxy-ssl-location-only",
                    "use-geoip",
                    "use-geoip2",
                    "geoip2-autoreload-in-minutes",
                    "enable-syslog",
                    "syslog-host",
                    "syslog-port",
                    "plugins");

    static boolean served(String key) {
        return Features.CONFIG_KEYS.contains(key)
                || GlobalSettings.KEYS.contains(key)
                || key.equals(STRICT_PATHS);
    }

    /** Why the key has nothing to set here; absent: it has, or is none. */
    static Optional<String> pointless(String key) {
        boolean tuning = TUNING.contains(key) || TUNING_PREFIXES.stream().anyMatch(key::startsWith);
        return tuning
                ? Optional.of("it tunes nginx's own machinery")
                : Optional.ofNullable(POINTLESS.get(key));
    }

    static boolean unserved(String key) {
        return UNSERVED.contains(key)
                || key.startsWith("otel-")
                || key.startsWith("opentelemetry-")
                || key.startsWith("otlp-");
    }

    static boolean knows(String key) {
        return served(key) || unserved(key) || pointless(key).isPresent();
    }
}
