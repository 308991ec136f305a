package dev.fairway.controller.compile.annotation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GlobalVocabularyTest {

    /** ingress-nginx 1.15's ConfigMap, by what becomes of each key here. */
    private static final String SERVED =
            """
            allow-backend-server-header block-cidrs client-body-timeout client-header-timeout
            compute-full-forwarded-for custom-http-errors denylist-source-range disable-access-log
            enable-real-ip enable-underscores-in-headers force-ssl-redirect forwarded-for-header
            global-auth-method global-auth-request-redirect global-auth-response-headers
            global-auth-signin global-auth-signin-redirect-param global-auth-url hide-headers hsts
            hsts-include-subdomains hsts-max-age hsts-preload http-redirect-code
            http2-max-concurrent-streams keep-alive keep-alive-requests
            large-client-header-buffers limit-conn-status-code limit-req-status-code load-balance
            no-auth-locations no-tls-redirect-locations proxy-body-size proxy-connect-timeout
            proxy-next-upstream proxy-next-upstream-timeout proxy-next-upstream-tries
            proxy-protocol-header-timeout proxy-read-timeout proxy-real-ip-cidr proxy-send-timeout
            retry-non-idempotent server-tokens ssl-redirect strict-validate-path-type
            upstream-keepalive-connections upstream-keepalive-timeout use-forwarded-headers
            use-http2 use-proxy-protocol whitelist-source-range
            """;

    private static final String POINTLESS =
            """
            allow-snippet-annotations annotation-value-word-blocklist annotations-risk-level
            client-body-buffer-size client-header-buffer-size debug-connections enable-aio-write
            enable-multi-accept enable-serial-reloads error-log-level generate-request-id
            grpc-buffer-size-kb http2-max-field-size http2-max-header-size http2-max-requests
            ignore-invalid-headers lua-shared-dicts map-hash-bucket-size max-worker-connections
            max-worker-open-files proxy-buffer-size proxy-buffering proxy-buffers-number
            proxy-busy-buffers-size proxy-headers-hash-bucket-size proxy-headers-hash-max-size
            proxy-max-temp-file-size proxy-request-buffering reuse-port
            server-name-hash-bucket-size server-name-hash-max-size ssl-buffer-size
            upstream-keepalive-requests upstream-keepalive-time variables-hash-bucket-size
            variables-hash-max-size worker-cpu-affinity worker-processes worker-shutdown-timeout
            """;

    private static final String UNSERVED =
            """
            access-log-params access-log-path add-headers allow-cross-namespace-resources
            bind-address block-referers block-user-agents brotli-level brotli-min-length
            brotli-types default-type disable-ipv6 disable-ipv6-dns
            enable-access-log-for-default-backend enable-brotli enable-modsecurity enable-ocsp
            enable-opentelemetry enable-owasp-modsecurity-crs enable-syslog error-log-path
            geoip2-autoreload-in-minutes global-allowed-response-headers
            global-auth-always-set-cookie global-auth-cache-duration global-auth-cache-key
            global-auth-snippet gzip-disable gzip-level gzip-min-length gzip-types
            http-access-log-path http-snippet limit-conn-zone-variable limit-rate limit-rate-after
            location-snippet log-format-escape-json log-format-escape-none log-format-stream
            log-format-upstream main-snippet modsecurity-snippet nginx-status-ipv4-whitelist
            nginx-status-ipv6-whitelist opentelemetry-config opentelemetry-operation-name
            opentelemetry-trust-incoming-span otel-max-export-batch-size otel-max-queuesize
            otel-sampler otel-sampler-parent-based otel-sampler-ratio
            otel-schedule-delay-millis otel-service-name otlp-collector-host otlp-collector-port
            plugins proxy-add-original-uri-header proxy-cookie-domain proxy-cookie-path
            proxy-http-version proxy-redirect-from proxy-redirect-to proxy-set-headers
            proxy-ssl-location-only proxy-stream-next-upstream proxy-stream-next-upstream-timeout
            proxy-stream-next-upstream-tries proxy-stream-responses proxy-stream-timeout
            relative-redirects server-snippet service-upstream skip-access-log-urls ssl-ciphers
            ssl-dh-param ssl-early-data ssl-ecdh-curve ssl-protocols ssl-reject-handshake
            ssl-session-cache ssl-session-cache-size ssl-session-ticket-key ssl-session-tickets
            ssl-session-timeout stream-access-log-path stream-snippet syslog-host syslog-port
            use-geoip use-geoip2 use-gzip use-port-in-redirects
            """;

    private static List<String> keys(String text) {
        return Stream.of(text.strip().split("\\s+")).toList();
    }

    @Test
    void every_key_of_ingress_nginx_is_served_or_said_to_have_no_effect() {
        assertEquals(List.of(), keys(SERVED).stream().filter(k -> !only(k, 0)).toList());
        assertEquals(List.of(), keys(POINTLESS).stream().filter(k -> !only(k, 1)).toList());
        assertEquals(List.of(), keys(UNSERVED).stream().filter(k -> !only(k, 2)).toList());
        assertTrue(!GlobalVocabulary.knows("keep-alives"));
    }

    /** One answer and no other. */
    private static boolean only(String key, int which) {
        return List.of(
                        GlobalVocabulary.served(key),
                        GlobalVocabulary.pointless(key).isPresent(),
                        GlobalVocabulary.unserved(key))
                .equals(List.of(which == 0, which == 1, which == 2));
    }
}
