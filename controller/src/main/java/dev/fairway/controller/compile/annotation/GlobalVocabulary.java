package dev.fairway.controller.compile.annotation;

import java.util.List;
import java.util.Set;

/** ingress-nginx's ConfigMap keys: served by a feature, by {@link GlobalSettings}, or not. */
final class GlobalVocabulary {
    private GlobalVocabulary() {}

    private static final List<String> TUNING_PREFIXES =
            List.of("worker-", "max-worker-", "map-", "variables-", "upstream-keepalive-");

    /** Sizes and caches of nginx's machinery: accepted without an effect. */
    private static final Set<String> TUNING =
            Set.of(
                    "lua-shared-dicts",
                    "reuse-port",
                    "enable-multi-accept",
                    "enable-aio-write",
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
                    "client-header-buffer-size",
                    "http2-max-field-size",
                    "http2-max-header-size",
                    "strict-validate-path-type",
                    "annotations-risk-level",
                    "annotation-value-word-blocklist",
                    "error-log-level",
                    "ignore-invalid-headers",
                    "generate-request-id",
                    "allow-snippet-annotations",
                    "enable-annotation-validations");

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
                    "large-client-header-buffers",
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
                    "enable-syslog",
                    "syslog-host",
                    "syslog-port",
                    "plugins");

    static boolean served(String key) {
        return Features.CONFIG_KEYS.contains(key)
                || GlobalSettings.KEYS.contains(key)
                || TUNING.contains(key)
                || TUNING_PREFIXES.stream().anyMatch(key::startsWith);
    }

    static boolean unserved(String key) {
        return UNSERVED.contains(key)
                || key.startsWith("otel-")
                || key.startsWith("opentelemetry-")
                || key.startsWith("otlp-");
    }

    static boolean knows(String key) {
        return served(key) || unserved(key);
    }
}
