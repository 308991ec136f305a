import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One independent reader of what Fairway forwards. Proxies stand before a {@link Recorder}: what they
 * pass on is what they understood.
 *
 * @param version as it says itself
 */
record Server(String name, String version, int port, Process process) {
    private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+(\\.\\d+)?");

    /** Where everything was put by hack/differential. */
    record Places(Path here, Path cache, Path work, String java) {
        Path debian(String path) {
            return cache.resolve("root").resolve(path);
        }

        String libraries() {
            return debian("usr/lib/x86_64-linux-gnu") + ":" + debian("lib/x86_64-linux-gnu");
        }
    }

    /** Starts it. */
    interface Recipe {
        Server start(Places places, int recorder) throws IOException, InterruptedException;
    }

    static final Map<String, Recipe> ALL = new java.util.TreeMap<>(Map.of(
            "nginx", Server::nginx,
            "apache", Server::apache,
            "haproxy", Server::haproxy,
            "lighttpd", Server::lighttpd,
            "node", Server::node,
            "go", Server::go,
            "gunicorn", Server::gunicorn,
            "uvicorn", Server::uvicorn,
            "jetty", Server::jetty,
            "tomcat", Server::tomcat));

    private static Server nginx(Places places, int recorder) throws IOException, InterruptedException {
        int port = free();
        Path conf = places.work().resolve("nginx.conf");
        Files.writeString(conf, """
                daemon off; master_process off; error_log stderr crit; pid %1$s/nginx.pid;
                events { worker_connections 512; }
                http {
                  access_log off; ignore_invalid_headers off; underscores_in_headers on; large_client_header_buffers 4 32k; merge_slashes off;
                  client_body_temp_path %1$s/n1; proxy_temp_path %1$s/n2; fastcgi_temp_path %1$s/n3; uwsgi_temp_path %1$s/n4; scgi_temp_path %1$s/n5;
                  keepalive_requests 1000000;
                  server {
                    listen 127.0.0.1:%2$d;
                    location / { proxy_pass http://127.0.0.1:%3$d; proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection ""; }
                  }
                }
                """.formatted(places.work(), port, recorder));
        String nginx = places.debian("usr/sbin/nginx").toString();
        return started(places, "nginx", port, List.of(nginx, "-v"), List.of(nginx, "-p", places.work().toString(), "-e", "stderr", "-c", conf.toString()));
    }

    private static Server apache(Places places, int recorder) throws IOException, InterruptedException {
        int port = free();
        Path conf = places.work().resolve("httpd.conf");
        Files.writeString(conf, """
                ServerRoot %1$s
                PidFile %1$s/httpd.pid
                DefaultRuntimeDir %1$s
                ServerName localhost
                Listen 127.0.0.1:%2$d
                ErrorLog /dev/stderr
                LogLevel crit
                User www-data
                Group www-data
                LoadModule mpm_event_module %4$s/mod_mpm_event.so
                LoadModule authz_core_module %4$s/mod_authz_core.so
                LoadModule proxy_module %4$s/mod_proxy.so
                LoadModule proxy_http_module %4$s/mod_proxy_http.so
                KeepAlive On
                MaxKeepAliveRequests 0
                LimitRequestFieldSize 16380
                LimitRequestLine 16380
                AllowEncodedSlashes NoDecode
                MergeSlashes Off
                ProxyPreserveHost On
                ProxyAddHeaders Off
                ProxyPass / http://127.0.0.1:%3$d/ nocanon
                """.formatted(places.work(), port, recorder, places.debian("usr/lib/apache2/modules")));
        String apache = places.debian("usr/sbin/apache2").toString();
        return started(places, "apache", port, List.of(apache, "-v"), List.of(apache, "-f", conf.toString(), "-DFOREGROUND"));
    }

    private static Server haproxy(Places places, int recorder) throws IOException, InterruptedException {
        int port = free();
        Path conf = places.work().resolve("haproxy.cfg");
        Files.writeString(conf, """
                global
                  nbthread 1
                  tune.bufsize 65536
                  tune.http.maxhdr 256
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 30s
                  timeout server 30s
                frontend in
                  bind 127.0.0.1:%d
                  default_backend out
                backend out
                  server recorder 127.0.0.1:%d
                """.formatted(port, recorder));
        String haproxy = places.debian("usr/sbin/haproxy").toString();
        return started(places, "haproxy", port, List.of(haproxy, "-v"), List.of(haproxy, "-db", "-f", conf.toString()));
    }

    private static Server lighttpd(Places places, int recorder) throws IOException, InterruptedException {
        int port = free();
        Path conf = places.work().resolve("lighttpd.conf");
        Files.writeString(conf, """
                server.document-root = "%1$s"
                server.bind = "127.0.0.1"
                server.port = %2$d
                server.modules = ( "mod_proxy" )
                server.max-keep-alive-requests = 65535
                server.max-request-field-size = 32768
                server.http-parseopts = ( "header-strict" => "enable", "host-strict" => "enable", "host-normalize" => "disable", "url-normalize" => "disable", "method-get-body" => "enable" )
                proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => %3$d )) )
                """.formatted(places.work(), port, recorder));
        String lighttpd = places.debian("usr/sbin/lighttpd").toString();
        return started(places, "lighttpd", port, List.of(lighttpd, "-v"), List.of(lighttpd, "-D", "-f", conf.toString(), "-m", places.debian("usr/lib/lighttpd").toString()));
    }

    private static Server node(Places places, int recorder) throws IOException, InterruptedException {
        int port = free();
        return started(places, "node", port, List.of("node", "--version"), List.of("node", places.here().resolve("server.js").toString(), "" + port));
    }

    private static Server go(Places places, int recorder) throws IOException, InterruptedException {
        int port = free();
        return started(places, "go", port, List.of("go", "version"), List.of(places.cache().resolve("go-server").toString(), "" + port));
    }

    private static Server gunicorn(Places places, int recorder) throws IOException, InterruptedException {
        int port = free();
        List<String> run = new ArrayList<>(List.of("python3", "-m", "gunicorn"));
        return started(places, "gunicorn", port, with(run, "--version"), with(run, "--chdir", places.here().toString(), "--worker-class", "gthread", "--threads", "4",
                "--keep-alive", "30", "--log-level", "critical", "--limit-request-line", "0", "--limit-request-field_size", "0", "--bind", "127.0.0.1:" + port, "wsgi:application"));
    }

    private static Server uvicorn(Places places, int recorder) throws IOException, InterruptedException {
        int port = free();
        List<String> run = new ArrayList<>(List.of("python3", "-m", "uvicorn"));
        return started(places, "uvicorn", port, with(run, "--version"), with(run, "--app-dir", places.here().toString(), "--http", "h11", "--ws", "none", "--log-level", "critical", "--no-proxy-headers",
                "--h11-max-incomplete-event-size", "65536", "--timeout-keep-alive", "30", "--port", "" + port, "asgi:application"));
    }

    private static Server jetty(Places places, int recorder) throws IOException, InterruptedException {
        return java(places, "jetty", "JettyServer.java", "jetty-server");
    }

    private static Server tomcat(Places places, int recorder) throws IOException, InterruptedException {
        return java(places, "tomcat", "TomcatServer.java", "tomcat-embed-core");
    }

    private static Server java(Places places, String name, String source, String artifact) throws IOException, InterruptedException {
        int port = free();
        String version;
        try (var jars = Files.list(places.cache().resolve(name))) {
            version = jars.map(p -> p.getFileName().toString()).filter(p -> p.startsWith(artifact)).findFirst().orElseThrow();
        }
        return started(places, name, port, List.of("echo", version), List.of(places.java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", places.cache().resolve(name) + "/*",
                places.here().resolve(source).toString(), "" + port));
    }

    private static List<String> with(List<String> run, String... more) {
        List<String> all = new ArrayList<>(run);
        all.addAll(List.of(more));
        return all;
    }

    private static Server started(Places places, String name, int port, List<String> version, List<String> command) throws IOException, InterruptedException {
        String said = new String(builder(places, version).redirectErrorStream(true).start().getInputStream().readAllBytes());
        Matcher number = VERSION.matcher(said);
        Path log = places.work().resolve(name + ".log");
        Process process = builder(places, command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Server server = new Server(name, number.find() ? number.group() : "?", port, process);
        for (int i = 0; i < 300; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return server;
            } catch (IOException e) {
                if (!process.isAlive()) {
                    break;
                }
                Thread.sleep(100);
            }
        }
        server.stop();
        throw new IOException(name + " did not start: " + Files.readString(log).strip());
    }

    private static ProcessBuilder builder(Places places, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(places.work().toFile());
        if (command.getFirst().startsWith(places.cache().resolve("root").toString())) {
            builder.environment().put("LD_LIBRARY_PATH", places.libraries());
        }
        builder.environment().put("PYTHONPATH", places.cache().resolve("py").toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return builder;
    }

    static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    void stop() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
