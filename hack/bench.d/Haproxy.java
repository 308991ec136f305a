import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** HAProxy with one thread; routes by a map, as its ingress controllers do. */
final class Haproxy implements Peer {
    private static final String PROGRAM = Peer.tool("HAPROXY");

    @Override
    public String name() {
        return "haproxy";
    }

    @Override
    public String version() {
        return Peer.ask("HAProxy version", PROGRAM, "-v").replaceAll("^HAProxy version (\\S+).*", "haproxy/$1");
    }

    @Override
    public Optional<String> missing() {
        return Peer.present(PROGRAM, "Debian package haproxy");
    }

    @Override
    public List<String> command(Site site) throws IOException {
        Setup setup = site.setup();
        site.write("routes.map", IntStream.range(0, setup.routes()).mapToObj(i -> setup.host(i / 10) + "/svc" + i % 10 + "/ up\n")
                .collect(Collectors.joining()));
        String limit = setup.policies()
                ? """
                  stick-table type ip size 100k expire 60s store http_req_rate(1s)
                  http-request track-sc0 src
                  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 10000000 }
                  http-request set-var(txn.origin) req.hdr(origin)
                  http-response set-header Access-Control-Allow-Origin %[var(txn.origin)] if { var(txn.origin) -m found }
                  http-response set-header Access-Control-Allow-Credentials true if { var(txn.origin) -m found }
                """
                : "";
        String sticky = setup.policies() ? "cookie bench insert indirect nocache httponly" : "";
        site.write("haproxy.cfg", """
                global
                  nbthread 1
                  maxconn 12000
  no strict-limits
                  %1$s
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 300s
                  timeout server 60s
                  timeout http-request 60s
                  timeout http-keep-alive 300s
                  timeout tunnel 300s
                  option http-keep-alive
                  http-reuse always
                  %2$s
                frontend in
                  bind 127.0.0.1:%3$d backlog 4096
                  bind 127.0.0.1:%4$d ssl crt %5$s alpn h2,http/1.1 backlog 4096
                  http-request set-header X-Request-ID %%[uuid()]
                  http-request set-header X-Real-IP %%[src]
                  http-request set-header X-Forwarded-For %%[src]
                  http-request set-header X-Forwarded-Host %%[req.hdr(host)]
                  http-request set-header X-Forwarded-Port %%[dst_port]
                  http-request set-header X-Forwarded-Proto http if !{ ssl_fc }
                  http-request set-header X-Forwarded-Proto https if { ssl_fc }
                  http-request set-header X-Forwarded-Scheme http if !{ ssl_fc }
                  http-request set-header X-Forwarded-Scheme https if { ssl_fc }
                  http-request set-header X-Scheme http if !{ ssl_fc }
                  http-request set-header X-Scheme https if { ssl_fc }
                %6$s  use_backend calls if { path_beg /bench.Echo/ }
                  use_backend %%[base,map_beg(%7$s/routes.map,none)]
                frontend metrics
                  bind 127.0.0.1:%8$d
                  http-request use-service prometheus-exporter
                backend none
                  http-request deny deny_status 404
                backend up
                  balance roundrobin
                  %9$s
                  server one 127.0.0.1:%10$d %11$s
                  server two 127.0.0.1:%12$d %13$s
                backend calls
                  server one 127.0.0.1:%14$d proto h2
                """.formatted(setup.accessLog() ? "log stdout format raw local0" : "", setup.accessLog() ? "log global\n  option httplog" : "",
                site.http(), site.https(), site.bundle(), limit, site.folder(), site.admin(), sticky, site.backends()[0],
                setup.policies() ? "cookie one" : "", site.backends()[1], setup.policies() ? "cookie two" : "",
                site.grpc() == 0 ? site.backends()[0] : site.grpc()));
        return List.of(PROGRAM, "-db", "-f", site.folder() + "/haproxy.cfg");
    }
}
