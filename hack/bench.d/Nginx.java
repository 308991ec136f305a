import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** nginx, told what ingress-nginx would tell it; buffers large enough that a 100 KiB answer stays in memory. */
final class Nginx implements Peer {
    private static final String PROGRAM = Peer.tool("NGINX");

    @Override
    public String name() {
        return "nginx";
    }

    @Override
    public String version() {
        return Peer.ask("nginx version", PROGRAM, "-v").replace("nginx version: ", "");
    }

    @Override
    public Optional<String> missing() {
        return Peer.present(PROGRAM, "Debian package nginx");
    }

    @Override
    public List<String> command(Site site) throws IOException {
        Setup setup = site.setup();
        String folder = site.folder().toString();
        String temporary = Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
                .map(kind -> kind + "_temp_path " + folder + "/" + kind + ";").collect(Collectors.joining(" "));
        String policies = setup.policies()
                ? """
                limit_req zone=each burst=100000 nodelay;
                add_header Access-Control-Allow-Origin $cors always; add_header Access-Control-Allow-Credentials true always;
                add_header Set-Cookie $fresh;
                """
                : "";
        String locations = IntStream.range(0, 10).mapToObj(i -> "location /svc" + i + "/ { proxy_pass http://up; " + policies + " }")
                .collect(Collectors.joining("\n"));
        String grpc = site.grpc() == 0 ? "" : "location /bench.Echo/ { grpc_pass grpc://calls; }\n";
        String servers = IntStream.range(0, setup.hosts()).mapToObj(i -> """
                server {
                  listen 127.0.0.1:%d backlog=4096; listen 127.0.0.1:%d ssl http2 backlog=4096; server_name %s;
                  %s%s
                }
                """.formatted(site.http(), site.https(), setup.host(i), locations, grpc).replace(" backlog=4096", i == 0 ? " backlog=4096" : ""))
                .collect(Collectors.joining());
        site.write("nginx.conf", """
                user root; worker_processes 1; daemon off; pid %1$s/pid; error_log %1$s/error.log error; worker_rlimit_nofile 20000;
                events { worker_connections 19000; }
                http {
                  %2$s
                  access_log %3$s;
                  keepalive_requests 1000000000; keepalive_timeout 300s; server_names_hash_max_size 32768; server_names_hash_bucket_size 128;
                  client_max_body_size 10m;
                  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
                  map $http_origin $cors { default $http_origin; }
                  map $cookie_bench $fresh { default ''; '' 'bench=$request_id; Path=/; HttpOnly'; }
                  limit_req_zone $binary_remote_addr zone=each:5m rate=1000000r/s;
                  upstream up { %4$s server 127.0.0.1:%5$d; server 127.0.0.1:%6$d; keepalive 320; keepalive_requests 1000000000; }
                  upstream calls { server 127.0.0.1:%7$d; keepalive 320; keepalive_requests 1000000000; }
                  ssl_certificate %8$s; ssl_certificate_key %9$s; ssl_protocols TLSv1.2 TLSv1.3;
                  proxy_http_version 1.1; proxy_set_header Connection $connection_upgrade; proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Host $http_host; proxy_set_header X-Request-ID $request_id;
                  proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $http_host;
                  proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Scheme $scheme;
                  proxy_set_header X-Scheme $scheme;
                  proxy_buffer_size 16k; proxy_buffers 8 32k; proxy_busy_buffers_size 128k; proxy_max_temp_file_size 0;
                  server { listen 127.0.0.1:%10$d; location / { stub_status; } }
                %11$s}
                """.formatted(folder, temporary, setup.accessLog() ? folder + "/access.log" : "off",
                setup.policies() ? "hash $cookie_bench consistent;" : "", site.backends()[0], site.backends()[1],
                site.grpc() == 0 ? site.backends()[0] : site.grpc(), site.certificate(), site.key(), site.admin(), servers));
        return List.of(PROGRAM, "-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error.log");
    }
}
