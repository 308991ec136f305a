import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Fairway and nginx in turn on core 1, wrk and the backend on core 0. What counts is the CPU time of the proxy's process per answered
 * request (utime + stime of /proc/PID/stat), as the median of the per-round ratios. Run by hack/bench.
 */
public final class Bench {
    private static final Pattern ANSWERED = Pattern.compile("(\\d+) requests in");
    private static final Pattern LATENCY = Pattern.compile("99% +([0-9.]+)(us|ms|s)");
    private static final Pattern BAD = Pattern.compile("Non-2xx or 3xx responses: (\\d+)|Socket errors: (.*)");

    record Proxy(String name, Process process, int http, int https) {}

    record Scenario(String name, boolean tls, String path, String[] headers) {}

    record Sample(double micros, double perSecond, double p99Micros) {}

    private static final List<Process> STARTED = new ArrayList<>();
    private static Path work;

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        String java = arguments[1] + "/bin/java";
        String nginx = arguments[2];
        int rounds = Integer.parseInt(arguments[3]);
        int seconds = Integer.parseInt(arguments[4]);
        work = Files.createTempDirectory("fairway-bench");
        Runtime.getRuntime().addShutdownHook(new Thread(Bench::cleanUp));
        certificate();
        backend(nginx);
        List<Proxy> proxies = List.of(nginx(nginx), fairway(root, java));
        String[] ten = {"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
            "Accept-Language: en-US,en;q=0.5", "Accept-Encoding: gzip, deflate, br", "Cookie: session=0123456789abcdef; theme=dark",
            "Referer: https://bench.example.com/a/b", "Cache-Control: no-cache", "Upgrade-Insecure-Requests: 1", "Sec-Fetch-Mode: navigate",
            "X-Trace: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
        List<Scenario> scenarios = List.of(
                new Scenario("h1-128", false, "/svc5/128", new String[0]),
                new Scenario("h1-10-headers", false, "/svc5/128", ten),
                new Scenario("h1-100k", false, "/svc5/100k", new String[0]),
                new Scenario("tls-128", true, "/svc5/128", new String[0]),
                new Scenario("tls-100k", true, "/svc5/100k", new String[0]));
        System.out.println("warming up ...");
        for (Scenario scenario : scenarios) {
            for (Proxy proxy : proxies) {
                measure(proxy, scenario, proxy.name().equals("nginx") ? 1 : 6);
            }
        }
        StringBuilder table = new StringBuilder("| scenario | nginx µs | fairway µs | ratio, median [min–max] | nginx req/s | fairway req/s | nginx p99 µs | fairway p99 µs |\n"
                + "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (Scenario scenario : scenarios) {
            Map<String, List<Sample>> samples = new LinkedHashMap<>();
            for (int round = 0; round < rounds; round++) {
                for (Proxy proxy : proxies) {
                    samples.computeIfAbsent(proxy.name(), n -> new ArrayList<>()).add(measure(proxy, scenario, seconds));
                }
                System.out.printf("%s round %d of %d%n", scenario.name(), round + 1, rounds);
            }
            List<Sample> theirs = samples.get("nginx");
            List<Sample> ours = samples.get("fairway");
            double[] ratios = IntStream.range(0, rounds).mapToDouble(i -> ours.get(i).micros() / theirs.get(i).micros()).sorted().toArray();
            table.append(String.format("| %s | %.1f | %.1f | %.2f [%.2f–%.2f] | %.0f | %.0f | %.0f | %.0f |%n", scenario.name(), median(theirs, 0),
                    median(ours, 0), ratios[ratios.length / 2], ratios[0], ratios[ratios.length - 1], median(theirs, 1), median(ours, 1),
                    median(theirs, 2), median(ours, 2)));
        }
        System.out.println("\n" + table);
        Files.createDirectories(root.resolve("hack/bench.d/results"));
        Files.writeString(root.resolve("hack/bench.d/results/latest.md"), "CPU per request, `hack/bench " + rounds + " " + seconds + "`: "
                + rounds + " interleaved rounds of " + seconds + " s, 64 connections, proxy alone on one core, access log off.\n\n" + table);
        System.exit(0);
    }

    private static double median(List<Sample> samples, int what) {
        double[] sorted = samples.stream().mapToDouble(s -> what == 0 ? s.micros() : what == 1 ? s.perSecond() : s.p99Micros()).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static Sample measure(Proxy proxy, Scenario scenario, int seconds) throws Exception {
        List<String> command = new ArrayList<>(List.of("taskset", "-c", "0", "wrk", "-t1", "-c64", "-d" + seconds + "s", "--latency",
                "-H", "Host: bench.example.com"));
        for (String header : scenario.headers()) {
            command.addAll(List.of("-H", header));
        }
        command.add((scenario.tls() ? "https://127.0.0.1:" + proxy.https() : "http://127.0.0.1:" + proxy.http()) + scenario.path());
        long before = ticks(proxy.process());
        Process wrk = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(wrk.getInputStream().readAllBytes());
        wrk.waitFor();
        long after = ticks(proxy.process());
        Matcher bad = BAD.matcher(out);
        if (bad.find()) {
            throw new IllegalStateException(proxy.name() + " in " + scenario.name() + ": " + bad.group());
        }
        Matcher answered = ANSWERED.matcher(out);
        if (!answered.find() || answered.group(1).equals("0")) {
            throw new IllegalStateException(proxy.name() + " answered nothing:\n" + out);
        }
        long count = Long.parseLong(answered.group(1));
        Matcher latency = LATENCY.matcher(out);
        double p99 = latency.find() ? Double.parseDouble(latency.group(1)) * switch (latency.group(2)) {
            case "us" -> 1;
            case "ms" -> 1_000;
            default -> 1_000_000;
        } : Double.NaN;
        return new Sample((after - before) * 10_000.0 / count, (double) count / seconds, p99);
    }

    /** utime + stime of the process and, for nginx, of its one worker; in hundredths of a second. */
    private static long ticks(Process process) throws IOException {
        long sum = 0;
        for (ProcessHandle handle : java.util.stream.Stream.concat(java.util.stream.Stream.of(process.toHandle()), process.descendants()).toList()) {
            String stat = Files.readString(Path.of("/proc/" + handle.pid() + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            sum += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return sum;
    }

    private static void backend(String nginx) throws Exception {
        Path files = Files.createDirectories(work.resolve("files"));
        Files.writeString(files.resolve("128"), "x".repeat(128));
        Files.writeString(files.resolve("100k"), "x".repeat(100 << 10));
        Path conf = work.resolve("backend.conf");
        String headers = IntStream.rangeClosed(1, 3).mapToObj(i -> "add_header X-Backend-" + i + " value-" + i + ";").collect(Collectors.joining(" "));
        Files.writeString(conf, "user root; worker_processes 1; daemon off; pid " + work + "/backend.pid; error_log " + work + "/backend.log; events { worker_connections 4096; }\n"
                + "http { " + temporary("b") + "access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; keepalive_timeout 300; open_file_cache max=100; " + headers + "\n"
                + "server { listen 127.0.0.1:18101 backlog=4096; listen 127.0.0.1:18102 backlog=4096; root " + files + ";\n"
                + " rewrite ^/svc[0-9]+/(.*)$ /$1; } }\n");
        start(List.of("taskset", "-c", "0", nginx, "-p", work.toString(), "-c", conf.toString(), "-e", work + "/backend.log"));
        awaitPort(18101);
    }

    /** Where Debian's nginx would keep temporary files belongs to an installed one. */
    private static String temporary(String prefix) {
        return java.util.stream.Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
                .map(kind -> kind + "_temp_path " + work + "/" + prefix + "-" + kind + "; ").collect(Collectors.joining());
    }

    private static Proxy nginx(String nginx) throws Exception {
        Path conf = work.resolve("proxy.conf");
        String locations = IntStream.range(0, 10).mapToObj(i -> "location /svc" + i + "/ { proxy_pass http://up; }").collect(Collectors.joining("\n"));
        Files.writeString(conf, "user root; worker_processes 1; daemon off; pid " + work + "/proxy.pid; error_log " + work + "/proxy.log; events { worker_connections 4096; }\n"
                + "http { " + temporary("p") + "access_log off; keepalive_requests 1000000000; keepalive_timeout 300;\n"
                + "upstream up { server 127.0.0.1:18101; server 127.0.0.1:18102; keepalive 320; keepalive_requests 1000000000; }\n"
                + "server { listen 127.0.0.1:18201 backlog=4096; listen 127.0.0.1:18202 ssl backlog=4096; server_name bench.example.com;\n"
                + "ssl_certificate " + work + "/crt; ssl_certificate_key " + work + "/key; ssl_protocols TLSv1.2 TLSv1.3;\n"
                + "proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $http_host; proxy_set_header X-Request-ID $request_id;\n"
                + "proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $http_host;\n"
                + "proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Scheme $scheme;\n"
                + "proxy_set_header X-Scheme $scheme; proxy_buffer_size 64k; proxy_buffers 8 64k;\n" + locations + "\n} }\n");
        Process process = start(List.of("taskset", "-c", "1", nginx, "-p", work.toString(), "-c", conf.toString(), "-e", work + "/proxy.log"));
        awaitPort(18201);
        return new Proxy("nginx", process, 18201, 18202);
    }

    private static Proxy fairway(Path root, String java) throws Exception {
        Path manifests = Files.createDirectories(work.resolve("manifests"));
        StringBuilder paths = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            paths.append("      - {path: /svc").append(i).append(", pathType: Prefix, backend: {service: {name: up, port: {number: 80}}}}\n");
        }
        String base64Crt = Base64.getEncoder().encodeToString(Files.readAllBytes(work.resolve("crt")));
        String base64Key = Base64.getEncoder().encodeToString(Files.readAllBytes(work.resolve("key")));
        Files.writeString(manifests.resolve("bench.yaml"), """
                apiVersion: networking.k8s.io/v1
                kind: IngressClass
                metadata: {name: fairway}
                spec: {controller: fairway.dev/ingress-controller}
                ---
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: bench, namespace: bench, annotations: {nginx.ingress.kubernetes.io/ssl-redirect: "false"}}
                spec:
                  ingressClassName: fairway
                  tls: [{hosts: [bench.example.com], secretName: bench}]
                  rules:
                  - host: bench.example.com
                    http:
                      paths:
                %s---
                apiVersion: v1
                kind: Secret
                metadata: {name: bench, namespace: bench}
                type: kubernetes.io/tls
                data: {tls.crt: %s, tls.key: %s}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: up, namespace: bench}
                spec: {ports: [{name: http, port: 80}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: up-1, namespace: bench, labels: {kubernetes.io/service-name: up}}
                addressType: IPv4
                ports: [{name: http, port: 18101}]
                endpoints: [{addresses: [127.0.0.1]}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: up-2, namespace: bench, labels: {kubernetes.io/service-name: up}}
                addressType: IPv4
                ports: [{name: http, port: 18102}]
                endpoints: [{addresses: [127.0.0.1]}]
                """.formatted(paths, base64Crt, base64Key));
        Path published = Files.createDirectories(work.resolve("published"));
        Process controller = start(List.of(java, "-Xmx256m", "-XX:+UseSerialGC", "-cp", root + "/controller/target/classes:" + root + "/controller/target/lib/*",
                "dev.fairway.controller.Main", "--manifests=" + manifests, "--publish-folder=" + published, "--health-address=127.0.0.1:18210", "--default-ssl-certificate=bench/bench"));
        for (int i = 0; i < 300 && !Files.exists(published.resolve("manifest.json")); i++) {
            Thread.sleep(100);
        }
        Thread.sleep(500);
        controller.destroy();
        controller.waitFor(10, TimeUnit.SECONDS);
        Process process = start(List.of("taskset", "-c", "1", java, "-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                root + "/dataplane/target/classes:" + root + "/dataplane/target/lib/*", "dev.fairway.dataplane.Main", "--config-folder=" + published,
                "--bind=http=127.0.0.1:18211", "--bind=https=127.0.0.1:18212", "--admin=127.0.0.1:18213", "--workers=1", "--access-log=off",
                "--max-connections-per-address=4096"));
        awaitPort(18211);
        awaitPort(18212);
        return new Proxy("fairway", process, 18211, 18212);
    }

    private static void certificate() throws Exception {
        Process made = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                work + "/key", "-out", work + "/crt", "-days", "30", "-subj", "/CN=bench.example.com", "-addext", "subjectAltName=DNS:bench.example.com")
                .redirectErrorStream(true).redirectOutput(work.resolve("openssl.log").toFile()).start();
        if (made.waitFor() != 0) {
            throw new IllegalStateException(Files.readString(work.resolve("openssl.log")));
        }
    }

    private static Process start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(work.resolve("log-" + STARTED.size() + ".txt").toFile()).start();
        STARTED.add(process);
        return process;
    }

    private static void awaitPort(int port) throws Exception {
        for (int i = 0; i < 300; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
                return;
            } catch (IOException e) {
                Thread.sleep(100);
            }
        }
        StringBuilder logs = new StringBuilder("nothing listens on " + port);
        for (int i = 0; i < STARTED.size(); i++) {
            logs.append('\n').append(Files.readString(work.resolve("log-" + i + ".txt")));
        }
        throw new IllegalStateException(logs.toString());
    }

    private static void cleanUp() {
        for (Process process : STARTED) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
        for (Process process : STARTED) {
            try {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
        try (var files = Files.walk(work)) {
            Path[] all = files.toArray(Path[]::new);
            for (int i = all.length - 1; i >= 0; i--) {
                Files.deleteIfExists(all[i]);
            }
        } catch (IOException e) {
            System.err.println("left behind: " + work);
        }
    }
}
