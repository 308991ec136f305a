package dev.fairway.controller;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The one client of the API server, over the JDK's HTTP client whatever else is on the path. */
final class ApiServer {
    private ApiServer() {}

    private static final int CONNECT_MILLIS = 5_000;
    private static final int REQUEST_MILLIS = 10_000;

    /** Retries of one call; above it every caller of ours has its own, slower ones. */
    private static final int RETRIES = 2;

    static KubernetesClient connect(Optional<Path> kubeconfig) throws IOException {
        return connect(
                kubeconfig.isPresent()
                        ? Config.fromKubeconfig(Files.readString(kubeconfig.orElseThrow()))
                        : Config.autoConfigure(null));
    }

    static KubernetesClient connect(Config config) {
        return new KubernetesClientBuilder()
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withConfig(
                        new ConfigBuilder(config)
                                .withConnectionTimeout(CONNECT_MILLIS)
                                .withRequestTimeout(REQUEST_MILLIS)
                                .withRequestRetryBackoffLimit(RETRIES)
                                .withWatchReconnectInterval(1_000)
                                .withUserAgent("fairway-controller")
                                .build())
                .build();
    }
}
