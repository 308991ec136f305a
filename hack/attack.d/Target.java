import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The data plane under attack, and what can be seen of it from outside. */
final class Target implements AutoCloseable {
    private static final String JAVA = System.getenv("ATTACK_JAVA");
    private static final String ROOT = System.getenv("ATTACK_ROOT");
    private static final Pattern LIMIT = Pattern.compile("fairway_limit_total\\{limit=\"([^\"]+)\"\\} ([0-9.E+]+)");
    private static final double TICKS = 100;

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final int[] ports = ports();
    private final Process process;
    private volatile Peak peak = new Peak(0, 0, 0);

    /** The most since it was last forgotten. */
    record Peak(long residentMiB, double directMiB, long connections) {}

    Target(Path work, int backend) throws Exception {
        Path published = compile(work, backend);
        process = new ProcessBuilder(List.of(JAVA, "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx350m", "-XX:MaxDirectMemorySize=350m",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                ROOT + "/dataplane/target/classes:" + ROOT + "/dataplane/target/lib/*", "dev.fairway.dataplane.Main", "--config-folder=" + published,
                "--bind=http=127.0.0.1:" + http(), "--bind=https=127.0.0.1:" + https(), "--admin=127.0.0.1:" + ports[2], "--access-log=off",
                "--drain-announce=0s", "--drain-grace=1s")).redirectErrorStream(true).redirectOutput(work.resolve("dataplane.log").toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        for (int i = 0; i < 200 && !ready(); i++) {
            if (!process.isAlive()) {
                throw new IOException("the data plane ended: " + Files.readString(work.resolve("dataplane.log")));
            }
            Thread.sleep(100);
        }
        Thread.ofPlatform().daemon().start(this::watch);
    }

    int http() {
        return ports[0];
    }

    int https() {
        return ports[1];
    }

    private static int[] ports() throws IOException {
        int[] ports = new int[4];
        for (int i = 0; i < ports.length; i++) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                ports[i] = socket.getLocalPort();
            }
        }
        return ports;
    }

    private Path compile(Path work, int backend) throws Exception {
        Path manifests = Files.createDirectories(work.resolve("manifests"));
        Files.writeString(manifests.resolve("attack.yaml"), """
                apiVersion: networking.k8s.io/v1
                kind: IngressClass
                metadata: {name: nginx}
                spec: {controller: k8s.io/ingress-nginx}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: settings, namespace: attack}
                data: {use-forwarded-headers: "true", proxy-real-ip-cidr: "127.0.0.250/32"}
                ---
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: a, namespace: attack}
                spec:
                  ingressClassName: nginx
                  rules:
                  - host: a.test
                    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: up, port: {number: 80}}}}]}
                ---
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: limited, namespace: attack, annotations: {nginx.ingress.kubernetes.io/limit-rps: "1"}}
                spec:
                  ingressClassName: nginx
                  rules:
                  - host: limited.test
                    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: up, port: {number: 80}}}}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: up, namespace: attack}
                spec: {ports: [{name: http, port: 80}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: up-1, namespace: attack, labels: {kubernetes.io/service-name: up}}
                addressType: IPv4
                ports: [{name: http, port: %d}]
                endpoints: [{addresses: [127.0.0.1]}]
                """.formatted(backend));
        Path published = Files.createDirectories(work.resolve("published"));
        Process controller = new ProcessBuilder(JAVA, "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                ROOT + "/controller/target/classes:" + ROOT + "/controller/target/lib/*", "dev.fairway.controller.Main", "--manifests=" + manifests,
                "--publish-folder=" + published, "--configmap=attack/settings", "--controller-class=k8s.io/ingress-nginx", "--health-address=127.0.0.1:" + ports[3]).redirectErrorStream(true)
                .redirectOutput(work.resolve("controller.log").toFile()).start();
        for (int i = 0; i < 300 && controller.isAlive() && !Files.exists(published.resolve("manifest.json")); i++) {
            Thread.sleep(100);
        }
        Thread.sleep(500);
        controller.destroy();
        controller.waitFor(20, TimeUnit.SECONDS);
        if (!Files.exists(published.resolve("manifest.json"))) {
            throw new IOException("the controller published nothing: " + Files.readString(work.resolve("controller.log")));
        }
        return published;
    }

    private boolean ready() {
        try {
            return admin("/readyz").statusCode() == 200;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private HttpResponse<String> admin(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports[2] + path)).timeout(Duration.ofSeconds(10)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** How often each limit has fired. */
    Map<String, Long> limits() throws Exception {
        Map<String, Long> counts = new HashMap<>();
        Matcher matcher = LIMIT.matcher(admin("/metrics").body());
        while (matcher.find()) {
            counts.put(matcher.group(1), (long) Double.parseDouble(matcher.group(2)));
        }
        return counts;
    }

    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    }

    void forgetPeak() {
        peak = new Peak(0, 0, 0);
    }

    Peak peak() {
        return peak;
    }

    private void watch() {
        while (process.isAlive()) {
            try {
                String metrics = admin("/metrics").body();
                Peak now = new Peak(resident(), value(metrics, "fairway_direct_memory_bytes") / 1048576.0, value(metrics, "fairway_connections"));
                Peak most = peak;
                peak = new Peak(Math.max(now.residentMiB, most.residentMiB), Math.max(now.directMiB, most.directMiB),
                        Math.max(now.connections, most.connections));
                Thread.sleep(100);
            } catch (IOException e) {
                // asked again
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
            }
        }
        return 0;
    }

    private static long value(String metrics, String name) {
        Matcher matcher = Pattern.compile("(?m)^" + name + " ([0-9.E+]+)$").matcher(metrics);
        return matcher.find() ? (long) Double.parseDouble(matcher.group(1)) : 0;
    }

    /** Until what the last attack left is gone, 35 s at most: the slowest timer is 30 s. */
    void settle() throws Exception {
        for (int i = 0; i < 350 && value(admin("/metrics").body(), "fairway_connections") > 0; i++) {
            Thread.sleep(100);
        }
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
