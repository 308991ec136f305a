package dev.fairway.contract;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What holds for every request of a data plane, whatever its route.
 *
 * @param forwarding whose X-Forwarded-* headers are believed
 * @param keepAlive how long an idle client connection stays open (ConfigMap {@code keep-alive})
 * @param keepAliveRequests how many requests one client connection may carry
 * @param headTimeout how long a request head may take from its first byte
 * @param bodyTimeout how long a client may pause within a request body
 * @param serverHeader the {@code Server} header of answers; absent: none is sent
 * @param allowBackendServerHeader pass the backend's own {@code Server} header through
 * @param hiddenHeaders further response headers of backends that clients never see, lower case
 * @param underscoresInHeaders keep request headers with {@code _} in the name (else dropped, counted)
 * @param defaultCertificate answers when no certificate is bound to a server name; absent: the
 *     handshake is refused
 * @param accessLog what is written for each request
 * @param proxyProtocol each connection to any listener begins with a PROXY header; absent: none does
 * @param http2 towards clients; absent: as {@link Http2#DEFAULT}
 * @param requestHeads how large they may be; absent: as the process was told
 * @param upstreamKeepAlive connections to backends that wait for a request; absent: as the process was
 *     told
 */
public record Settings(
        Forwarding forwarding,
        Duration keepAlive,
        int keepAliveRequests,
        Duration headTimeout,
        Duration bodyTimeout,
        Optional<String> serverHeader,
        boolean allowBackendServerHeader,
        List<String> hiddenHeaders,
        boolean underscoresInHeaders,
        Optional<KeyId> defaultCertificate,
        AccessLog accessLog,
        Optional<ProxyProtocol> proxyProtocol,
        Optional<Http2> http2,
        Optional<RequestHeads> requestHeads,
        Optional<UpstreamKeepAlive> upstreamKeepAlive) {

    public static final Settings DEFAULTS =
            new Settings(
                    Forwarding.UNTRUSTED,
                    Duration.ofSeconds(60),
                    10_000,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    Optional.of("fairway"),
                    false,
                    List.of(),
                    false,
                    Optional.empty(),
                    AccessLog.DEFAULT,
                    Optional.empty(),
                    Optional.empty());

    /** Without limits of its own. */
    public Settings(
            Forwarding forwarding,
            Duration keepAlive,
            int keepAliveRequests,
            Duration headTimeout,
            Duration bodyTimeout,
            Optional<String> serverHeader,
            boolean allowBackendServerHeader,
            List<String> hiddenHeaders,
            boolean underscoresInHeaders,
            Optional<KeyId> defaultCertificate,
            AccessLog accessLog,
            Optional<ProxyProtocol> proxyProtocol,
            Optional<Http2> http2) {
        this(
                forwarding,
                keepAlive,
                keepAliveRequests,
                headTimeout,
                bodyTimeout,
                serverHeader,
                allowBackendServerHeader,
                hiddenHeaders,
                underscoresInHeaders,
                defaultCertificate,
                accessLog,
                proxyProtocol,
                http2,
                Optional.empty(),
                Optional.empty());
    }

    public Settings {
        hiddenHeaders = List.copyOf(hiddenHeaders);
        Valid.that(keepAliveRequests > 0, "keepAliveRequests must be positive");
        serverHeader.ifPresent(value -> Valid.text(value, "serverHeader", 128));
        hiddenHeaders.forEach(name -> Valid.token(name, "hidden header"));
    }

    /**
     * Which clients may speak for others (RFC 7239's problem, in the X-Forwarded-* form).
     *
     * @param trusted peers whose forwarded headers are believed; empty: nobody's
     * @param header the header that names the client, lower case
     * @param appendAddress append the peer's address to a believed {@code header} instead of
     *     replacing it
     */
    public record Forwarding(List<Cidr> trusted, String header, boolean appendAddress) {
        public static final Forwarding UNTRUSTED =
                new Forwarding(List.of(), "x-forwarded-for", false);

        public Forwarding {
            trusted = List.copyOf(trusted);
            Valid.token(header, "forwarded-for header");
        }
    }

    /** HTTP/2 towards clients; as a snapshot has it that says nothing. */
    public Http2 http2OrDefault() {
        return http2.orElse(Http2.DEFAULT);
    }

    /**
     * HTTP/2 towards clients (ConfigMap {@code use-http2} and {@code http2-max-concurrent-streams}).
     *
     * @param enabled offered in ALPN, and taken by prior knowledge where there is no TLS
     * @param streams how many requests a connection may have at once
     */
    public record Http2(boolean enabled, int streams) {
        public static final Http2 DEFAULT = new Http2(true, 100);

        public Http2 {
            Valid.that(streams > 0 && streams <= 1000, "http2 streams must be 1 to 1000");
        }
    }

    /**
     * Of clients (ConfigMap {@code large-client-header-buffers}).
     *
     * @param lineBytes of the request line, or of a field
     * @param headBytes of all of it
     */
    public record RequestHeads(int lineBytes, int headBytes) {
        public static final int MAX_LINE = 64 * 1024;
        public static final int MAX_HEAD = 256 * 1024;

        public RequestHeads {
            Valid.that(
                    lineBytes >= 256 && lineBytes <= MAX_LINE, "no line of a head: %d", lineBytes);
            Valid.that(headBytes >= 1024 && headBytes <= MAX_HEAD, "no head: %d", headBytes);
        }
    }

    /**
     * Connections to backends that wait for a request.
     *
     * @param connections how many each event loop keeps to each endpoint (ConfigMap {@code
     *     upstream-keepalive-connections}); 0: none
     * @param idle for how long (ConfigMap {@code upstream-keepalive-timeout})
     */
    public record UpstreamKeepAlive(Optional<Integer> connections, Optional<Duration> idle) {
        public UpstreamKeepAlive {
            connections.ifPresent(
                    most -> Valid.that(most >= 0 && most <= 100_000, "no pool's size: %d", most));
            idle.ifPresent(time -> Valid.that(time.isPositive(), "no idle time: %s", time));
        }
    }

    /**
     * HAProxy's PROXY protocol, versions 1 and 2 (ConfigMap {@code use-proxy-protocol}).
     *
     * @param trusted peers that may say whom they speak for; connections of others are closed
     * @param headerTimeout how long the header may take (ConfigMap {@code
     *     proxy-protocol-header-timeout}); absent: {@link #HEADER_TIMEOUT}
     */
    public record ProxyProtocol(List<Cidr> trusted, Optional<Duration> headerTimeout) {
        public static final Duration HEADER_TIMEOUT = Duration.ofSeconds(5);

        public ProxyProtocol {
            trusted = List.copyOf(trusted);
        }

        public ProxyProtocol(List<Cidr> trusted) {
            this(trusted, Optional.empty());
        }
    }

    /** The access log's form; where it goes is a setting of the process. */
    public enum AccessLog {
        /** The process decides ({@code --access-log}). */
        DEFAULT,
        OFF,
        /** ingress-nginx's {@code upstreaminfo} line. */
        NGINX,
        JSON
    }
}
