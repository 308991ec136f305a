import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The controller and the data plane as processes with a folder between them, and what the data plane uses. */
final class Halves implements AutoCloseable {
    static final String HOST = "soak.example.com";
    private final Path work;
    private final Path manifests;
    private final List<Process> processes = new ArrayList<>();
    private final HttpClient admin = HttpClient.newHttpClient();
    private final int adminPort = free();
    final int http = free();
    final int https = free();

    Halves(Path root, String java, Path work) throws IOException, InterruptedException {
        this.work = work;
        manifests = Files.createDirectories(work.resolve("manifests"));
        Path published = Files.createDirectories(work.resolve("published"));
        Process made = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                work + "/key", "-out", work + "/crt", "-days", "30", "-subj", "/CN=" + HOST, "-addext", "subjectAltName=DNS:" + HOST)
                .redirectErrorStream(true).redirectOutput(work.resolve("openssl.log").toFile()).start();
        if (made.waitFor() != 0) {
            throw new IOException(Files.readString(work.resolve("openssl.log")));
        }
        start("controller", java, "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx256m", "-cp",
                root + "/controller/target/classes:" + root + "/controller/target/lib/*", "dev.fairway.controller.Main", "--manifests=" + manifests,
                "--publish-folder=" + published, "--health-address=127.0.0.1:" + free(), "--default-ssl-certificate=soak/soak");
        // All of the heap is touched at once: resident memory then tells of what is outside it.
        start("dataplane", java, "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                root + "/dataplane/target/classes:" + root + "/dataplane/target/lib/*", "dev.fairway.dataplane.Main", "--config-folder=" + published,
                "--bind=http=127.0.0.1:" + http, "--bind=https=127.0.0.1:" + https, "--admin=127.0.0.1:" + adminPort, "--access-log=off",
                "--drain-announce=0s", "--drain-grace=1s");
    }

    private void start(String name, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(command));
        if (Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
            all.addAll(0, List.of("setpriv", "--pdeathsig", "TERM")); // ends with this process, however that ends
        }
        processes.add(new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(work.resolve(name + ".log").toFile()).start());
    }

    /** @param number makes each configuration another one: a path, a timeout, a rate limit */
    void routes(int number) throws IOException {
        write("routes.yaml", """
                apiVersion: networking.k8s.io/v1
                kind: IngressClass
                metadata: {name: fairway}
                spec: {controller: fairway.dev/ingress-controller}
                ---
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata:
                  name: soak
                  namespace: soak
                  annotations:
                    nginx.ingress.kubernetes.io/ssl-redirect: "false"
                    nginx.ingress.kubernetes.io/limit-rps: "%1$d"
                    nginx.ingress.kubernetes.io/proxy-read-timeout: "%2$d"
                spec:
                  ingressClassName: fairway
                  tls: [{hosts: [%3$s], secretName: soak}]
                  rules:
                  - host: %3$s
                    http:
                      paths:
                      - {path: /, pathType: Prefix, backend: {service: {name: up, port: {number: 80}}}}
                      - {path: /soak.Echo, pathType: Prefix, backend: {service: {name: calls, port: {number: 80}}}}
                      - {path: /version-%4$d, pathType: Prefix, backend: {service: {name: up, port: {number: 80}}}}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: up, namespace: soak}
                spec: {ports: [{name: http, port: 80}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: calls, namespace: soak}
                spec: {ports: [{name: grpc, port: 80, appProtocol: kubernetes.io/h2c}]}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: soak, namespace: soak}
                type: kubernetes.io/tls
                data: {tls.crt: %5$s, tls.key: %6$s}
                """.formatted(1_000_000 + number % 7, 30 + number % 5, HOST, number, base64("crt"), base64("key")));
    }

    void endpoints(List<Integer> http, List<Integer> calls) throws IOException {
        StringBuilder text = new StringBuilder();
        http.forEach(port -> text.append(slice("up", "name: http", port)));
        calls.forEach(port -> text.append(slice("calls", "name: grpc, appProtocol: kubernetes.io/h2c", port)));
        write("endpoints.yaml", text.toString());
    }

    private static String slice(String service, String kind, int port) {
        return """
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %1$s-%3$d, namespace: soak, labels: {kubernetes.io/service-name: %1$s}}
                addressType: IPv4
                ports: [{%2$s, port: %3$d}]
                endpoints: [{addresses: [127.0.0.1]}]
                """.formatted(service, kind, port);
    }

    private void write(String name, String text) throws IOException {
        Path next = Files.writeString(work.resolve(name), text);
        Files.move(next, manifests.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private String base64(String file) throws IOException {
        return Base64.getEncoder().encodeToString(Files.readAllBytes(work.resolve(file)));
    }

    void awaitReady() throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            try {
                if (admin("/readyz").statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // not up yet
            }
            for (Process process : processes) {
                if (!process.isAlive()) {
                    break;
                }
            }
            Thread.sleep(100);
        }
        throw new IOException("not ready after a minute\n" + Files.readString(work.resolve("controller.log")) + Files.readString(work.resolve("dataplane.log")));
    }

    boolean alive() {
        return processes.stream().allMatch(Process::isAlive);
    }

    /** Of the data plane. */
    record Use(double residentMib, long descriptors, double directMib, long sequence, double openConnections) {
        @Override
        public String toString() {
            return String.format("RSS %.0f MiB, descriptors %d, direct memory %.1f MiB", residentMib, descriptors, directMib);
        }
    }

    Use use() throws IOException, InterruptedException {
        long pid = processes.get(1).pid();
        double resident;
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            resident = lines.filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum() / 1024.0;
        }
        long descriptors;
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            descriptors = open.count();
        }
        String metrics = admin("/metrics").body();
        return new Use(resident, descriptors, number(metrics, "(?m)^fairway_direct_memory_bytes\\S* ([0-9.eE+]+)") / (1 << 20),
                (long) number(admin("/status").body(), "\"sequence\"\\s*:\\s*(\\d+)"), 0);
    }

    private static double number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
    }

    private HttpResponse<String> admin(String path) throws IOException, InterruptedException {
        return admin.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        processes.reversed().forEach(Process::destroy);
        for (Process process : processes) {
            try {
                if (!process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
    }
}
