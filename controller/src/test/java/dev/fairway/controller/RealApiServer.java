package dev.fairway.controller;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * An API server and its etcd, with what the chart installs of rights, namespaces and types. The
 * programs are those of hack/cluster; without them the test is skipped, or fails where {@code
 * FAIRWAY_REQUIRE_APISERVER=true}.
 */
final class RealApiServer implements AutoCloseable {

    private static final String VERSION = "1.35.4";
    private static final List<String> PROGRAMS = List.of("etcd", "kube-apiserver", "kubectl");
    private static final Set<String> INSTALLED =
            Set.of("Namespace", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding");

    private final KubeAPIServer server;
    final Config config;
    final KubernetesClient admin;

    private RealApiServer(KubeAPIServer server, Config config) {
        this.server = server;
        this.config = config;
        this.admin = ApiServer.connect(config, status -> {});
    }

    static RealApiServer start() throws IOException {
        Path cache =
                Path.of(
                        System.getenv()
                                .getOrDefault(
                                        "FAIRWAY_CACHE",
                                        System.getProperty("user.home")
                                                + "/.cache/fairway-cluster"));
        for (String program : PROGRAMS) {
            if (!Files.isExecutable(cache.resolve("bin").resolve(program))) {
                String missing =
                        program
                                + " is missing in "
                                + cache.resolve("bin")
                                + ": hack/cluster builds it, then these tests run";
                if ("true".equals(System.getenv("FAIRWAY_REQUIRE_APISERVER"))) {
                    Assertions.fail(missing);
                }
                Assumptions.abort(missing);
            }
        }
        Path layout = cache.resolve("kube-api-test");
        Path programs = layout.resolve("k8s").resolve(VERSION + "-linux-" + architecture());
        Files.createDirectories(programs);
        for (String program : PROGRAMS) {
            Path link = programs.resolve(program);
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, cache.resolve("bin").resolve(program));
        }
        KubeAPIServer server =
                new KubeAPIServer(
                        KubeAPIServerConfigBuilder.anAPIServerConfig()
                                .withTestDir(layout.toString())
                                .withApiServerVersion(VERSION)
                                .withOfflineMode(true)
                                .withUpdateKubeConfig(false)
                                .withApiServerFlag("--advertise-address", "10.0.0.1")
                                .build());
        server.start();
        RealApiServer started =
                new RealApiServer(server, Config.fromKubeconfig(server.getKubeConfigYaml()));
        started.install();
        return started;
    }

    /** As the chart's controller: its ServiceAccount, and no right but what the chart gives. */
    Config asController(int port) {
        return new ConfigBuilder(config)
                .withMasterUrl("https://127.0.0.1:" + port)
                .withImpersonateUsername("system:serviceaccount:fairway:fairway-controller")
                .withImpersonateGroups("system:serviceaccounts", "system:authenticated")
                .build();
    }

    int port() {
        return java.net.URI.create(config.getMasterUrl()).getPort();
    }

    @Override
    public void close() {
        admin.close();
        server.stop();
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private void install() throws IOException {
        apply(Path.of("../deploy/crd.yaml"), Set.of("CustomResourceDefinition"));
        apply(Path.of("../deploy/fairway.yaml"), INSTALLED);
    }

    private void apply(Path file, Set<String> kinds) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            List<HasMetadata> objects = admin.load(in).items();
            for (HasMetadata object : objects) {
                if (kinds.contains(object.getKind()) && object.getKind().equals("Namespace")) {
                    admin.resource(object).create();
                }
            }
            for (HasMetadata object : objects) {
                if (kinds.contains(object.getKind()) && !object.getKind().equals("Namespace")) {
                    admin.resource(object).create();
                }
            }
        }
    }
}
