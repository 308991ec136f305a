import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The data plane as its image runs it, under the chart's memory limit. The controller compiles the routes beforehand and is gone when
 * anything is measured.
 */
final class Fairway implements Peer {
    private static final String JAVA = Peer.tool("JAVA");
    private static final Path ROOT = Path.of(Peer.tool("ROOT"));
    private static final Path IMAGE = Path.of(Peer.tool("IMAGE"));

    @Override
    public String name() {
        return "fairway";
    }

    @Override
    public String version() {
        return "fairway " + Peer.ask("", "git", "-C", ROOT.toString(), "describe", "--always", "--dirty") + ", "
                + Peer.ask("Runtime Environment", IMAGE + "/base/java/bin/java", "-version");
    }

    @Override
    public Optional<String> missing() {
        return Peer.present(IMAGE + "/base/java/bin/java", "hack/image dataplane");
    }

    /** The compiler of the JVM shares the core with the traffic that makes it compile. */
    @Override
    public boolean compiles() {
        return true;
    }

    @Override
    public List<String> command(Site site) throws IOException, InterruptedException {
        Path published = compile(site);
        // The environment and the memory (the chart's limit) that the container would have, and what it would find under /app.
        List<String> command = new ArrayList<>(List.of("env", "LANG=C.UTF-8", "MALLOC_ARENA_MAX=2", IMAGE + "/base/java/bin/java", "-XX:MaxRAM=1g"));
        Files.readAllLines(IMAGE.resolve("app/app/jvm.options")).forEach(option -> command.add(option.replace("/app/", IMAGE + "/app/app/")));
        command.addAll(List.of("dev.fairway.dataplane.Main", "--config-folder=" + published, "--bind=http=127.0.0.1:" + site.http(),
                "--bind=https=127.0.0.1:" + site.https(), "--admin=127.0.0.1:" + site.admin(), "--workers=1",
                "--access-log=" + (site.setup().accessLog() ? "nginx" : "off"), "--max-connections-per-address=20000", "--drain-announce=0s",
                "--drain-grace=1s"));
        return command;
    }

    private static Path compile(Site site) throws IOException, InterruptedException {
        Process controller = controller(site);
        Path published = site.folder().resolve("published");
        for (int i = 0; i < 600 && controller.isAlive() && !Files.exists(published.resolve("manifest.json")); i++) {
            Thread.sleep(100);
        }
        Thread.sleep(1_000);
        controller.destroy();
        if (!controller.waitFor(20, TimeUnit.SECONDS)) {
            controller.destroyForcibly();
        }
        if (!Files.exists(published.resolve("manifest.json"))) {
            throw new IOException("the controller published nothing: " + Files.readString(site.folder().resolve("controller.log")));
        }
        return published;
    }

    /** On the load's core: it follows the folder {@code manifests} until it is ended. */
    static Process controller(Site site) throws IOException {
        Path manifests = Files.createDirectories(site.folder().resolve("manifests"));
        Files.writeString(manifests.resolve("bench.yaml"), manifests(site));
        Path published = Files.createDirectories(site.folder().resolve("published"));
        Process controller = new ProcessBuilder("nice", JAVA, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                ROOT + "/controller/target/classes:" + ROOT + "/controller/target/lib/*", "dev.fairway.controller.Main", "--manifests=" + manifests,
                "--publish-folder=" + published, "--health-address=127.0.0.2:" + site.admin(), "--default-ssl-certificate=bench/bench", "--configmap=bench/settings")
                .redirectErrorStream(true).redirectOutput(site.folder().resolve("controller.log").toFile()).start();
        Children.add(controller);
        return controller;
    }

    private static String manifests(Site site) throws IOException {
        Setup setup = site.setup();
        String policies = setup.policies()
                ? ", nginx.ingress.kubernetes.io/limit-rps: \"1000000\", nginx.ingress.kubernetes.io/affinity: cookie, "
                        + "nginx.ingress.kubernetes.io/session-cookie-name: bench, nginx.ingress.kubernetes.io/enable-cors: \"true\""
                : "";
        String paths = IntStream.range(0, 10).mapToObj(i -> "      - {path: /svc" + i + ", pathType: Prefix, backend: {service: {name: up, port: {number: 80}}}}\n")
                .collect(Collectors.joining());
        StringBuilder all = new StringBuilder("""
                apiVersion: networking.k8s.io/v1
                kind: IngressClass
                metadata: {name: fairway}
                spec: {controller: fairway.dev/ingress-controller}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: settings, namespace: bench}
                data: {keep-alive: "300", keep-alive-requests: "1000000000"}
                """);
        for (int i = 0; i < setup.hosts(); i++) {
            all.append("""
                    ---
                    apiVersion: networking.k8s.io/v1
                    kind: Ingress
                    metadata: {name: bench-%1$d, namespace: bench, annotations: {nginx.ingress.kubernetes.io/ssl-redirect: "false"%2$s}}
                    spec:
                      ingressClassName: fairway
                      tls: [{hosts: [%3$s], secretName: bench}]
                      rules:
                      - host: %3$s
                        http:
                          paths:
                    %4$s""".formatted(i, policies, setup.host(i), paths));
        }
        if (site.grpc() != 0) {
            all.append("""
                    ---
                    apiVersion: networking.k8s.io/v1
                    kind: Ingress
                    metadata: {name: calls, namespace: bench, annotations: {nginx.ingress.kubernetes.io/backend-protocol: GRPC}}
                    spec:
                      ingressClassName: fairway
                      tls: [{hosts: [%1$s], secretName: bench}]
                      rules:
                      - host: %1$s
                        http: {paths: [{path: /bench.Echo, pathType: Prefix, backend: {service: {name: calls, port: {number: 80}}}}]}
                    """.formatted(setup.host(0)));
            all.append(service("calls", site.grpc()));
        }
        all.append(service("up", site.backends()));
        return all.append("""
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: bench, namespace: bench}
                type: kubernetes.io/tls
                data: {tls.crt: %s, tls.key: %s}
                """.formatted(base64(site.certificate()), base64(site.key()))).toString();
    }

    private static String service(String name, int... ports) {
        StringBuilder text = new StringBuilder("---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name
                + ", namespace: bench}\nspec: {ports: [{name: http, port: 80}]}\n");
        for (int port : ports) {
            text.append("""
                    ---
                    apiVersion: discovery.k8s.io/v1
                    kind: EndpointSlice
                    metadata: {name: %1$s-%2$d, namespace: bench, labels: {kubernetes.io/service-name: %1$s}}
                    addressType: IPv4
                    ports: [{name: http, port: %2$d}]
                    endpoints: [{addresses: [127.0.0.1]}]
                    """.formatted(name, port));
        }
        return text.toString();
    }

    private static String base64(Path file) throws IOException {
        return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    }
}
