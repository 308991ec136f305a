package dev.fairway.controller;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntConsumer;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/** The one client of the API server, over the JDK's HTTP client whatever else is on the path. */
final class ApiServer {
    private ApiServer() {}

    private static final int CONNECT_MILLIS = 5_000;
    private static final int REQUEST_MILLIS = 10_000;

    /** Retries of one call; above it every caller of ours has its own, slower ones. */
    private static final int RETRIES = 2;

    /**
     * First pause before a watch is tried again. The client doubles it five times, so that watches
     * are back 5 s at most after an API server is; a part by chance, or replicas come back together.
     */
    private static final int REWATCH_MILLIS = 100;

    private static final int REWATCH_SPREAD_MILLIS = 56;

    /**
     * @param failed told the HTTP status of each failed answer, 0 where there was none
     */
    static KubernetesClient connect(Optional<Path> kubeconfig, IntConsumer failed) {
        // From the file and not from its text: that is how credentials in it are renewed, as the
        // pod's own token is every hour.
        return connect(
                kubeconfig
                        .map(file -> Config.fromKubeconfig(file.toFile()))
                        .orElseGet(() -> Config.autoConfigure(null)),
                failed);
    }

    /** Changes the config in place: a copy would forget where its credentials come from. */
    static KubernetesClient connect(Config config, IntConsumer failed) {
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setRequestTimeout(REQUEST_MILLIS);
        config.setRequestRetryBackoffLimit(RETRIES);
        // One dead HTTP/2 connection would take every call with it until the pool forgets it, 30 s
        // later: a call that times out ends its stream, and the next one gets the same connection.
        config.setHttp2Disable(true);
        config.setWatchReconnectInterval(
                REWATCH_MILLIS + ThreadLocalRandom.current().nextInt(REWATCH_SPREAD_MILLIS));
        config.setUserAgent("fairway-controller");
        KeyManager[] identity = identity(config);
        return new KubernetesClientBuilder()
                .withHttpClientFactory(new Factory(identity))
                .withHttpClientBuilderConsumer(
                        client -> client.addOrReplaceInterceptor("failures", new Failures(failed)))
                .withConfig(config)
                .build();
    }

    private static KeyManager @Nullable [] identity(Config config) {
        try {
            return ClientIdentity.keyManagers(config);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private record Failures(IntConsumer failed) implements Interceptor {
        @Override
        public void after(
                HttpRequest request,
                HttpResponse<?> response,
                AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            if (response.code() >= 400) {
                failed.accept(response.code());
            }
        }

        @Override
        public void afterConnectionFailure(HttpRequest request, Throwable failure) {
            failed.accept(0);
        }
    }

    /** The JDK's client with our reading of the client certificate. */
    private static final class Factory extends JdkHttpClientFactory {
        private final KeyManager @Nullable [] identity;

        Factory(KeyManager @Nullable [] identity) {
            this.identity = identity;
        }

        @Override
        protected java.net.http.HttpClient.Builder createNewHttpClientBuilder() {
            return new HeartbeatClient.Building(
                    super.createNewHttpClientBuilder(),
                    HeartbeatClient.EVERY,
                    HeartbeatClient.SILENCE);
        }

        @Override
        public HttpClient.Builder newBuilder(Config config) {
            if (identity == null) {
                return super.newBuilder(config);
            }
            // The library would read the key too, and refuse some forms. A copy: the caller's
            // config
            // stays whole for the next client.
            Config withoutKey = new ConfigBuilder(config).build();
            withoutKey.setClientCertData(null);
            withoutKey.setClientCertFile(null);
            withoutKey.setClientKeyData(null);
            withoutKey.setClientKeyFile(null);
            HttpClient.Builder builder = super.newBuilder(withoutKey);
            try {
                builder.sslContext(identity, SSLUtils.trustManagers(config));
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException("the kubeconfig's authority can't be used", e);
            }
            return builder;
        }
    }
}
