package dev.fairway.controller.publish;

import dev.fairway.contract.codec.Chunks;
import dev.fairway.contract.codec.Chunks.Chunk;
import dev.fairway.contract.codec.SharedConfig;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Shared config in ConfigMaps and Secrets of a namespace that holds nothing else. Informers tell
 * when something of it is gone; they keep names only.
 */
public final class KubernetesCarrier implements Carrier {

    private static final String CHUNK = "chunk";
    private static final String KEYS = "keys";
    private static final String MANIFEST = "manifest";

    private final KubernetesClient client;
    private final String namespace;
    private final String id;
    private final Present<ConfigMap> configMaps;
    private final Present<Secret> secrets;

    /**
     * @param id of the data plane, as {@link SharedConfig#id}
     */
    public KubernetesCarrier(KubernetesClient client, String namespace, String id) {
        this.client = client;
        this.namespace = namespace;
        this.id = id;
        this.configMaps =
                new Present<>(
                        client.configMaps()
                                .inNamespace(namespace)
                                .withLabel(SharedConfig.DATA_PLANE_LABEL, id)
                                .runnableInformer(0));
        this.secrets =
                new Present<>(
                        client.secrets()
                                .inNamespace(namespace)
                                .withLabel(SharedConfig.DATA_PLANE_LABEL, id)
                                .runnableInformer(0));
    }

    @Override
    public void start(Runnable damaged) {
        configMaps.start(damaged);
        secrets.start(damaged);
    }

    @Override
    public Optional<Stored> read() throws IOException {
        ConfigMap object = call("read", () -> manifestResource().get());
        if (object == null) {
            return Optional.empty();
        }
        String text = data(object.getData(), SharedConfig.MANIFEST_KEY);
        return Optional.of(
                new Stored(
                        text.getBytes(StandardCharsets.UTF_8),
                        object.getMetadata().getResourceVersion()));
    }

    @Override
    public byte @Nullable [] chunk(Content content, String hash) throws IOException {
        String name = SharedConfig.chunkName(id, hash);
        return switch (content) {
            case CONFIG -> {
                ConfigMap object = call("read", () -> configMap(name).get());
                yield object == null
                        ? null
                        : data(object.getData(), SharedConfig.CHUNK_KEY)
                                .getBytes(StandardCharsets.UTF_8);
            }
            case KEYS -> {
                Secret object = call("read", () -> secret(name).get());
                yield object == null ? null : decoded(object);
            }
        };
    }

    @Override
    public boolean write(Content content, Chunk chunk) throws IOException {
        String name = SharedConfig.chunkName(id, chunk.hash());
        for (int attempt = 0; attempt < 3; attempt++) {
            try {
                create(content, name, chunk);
                return true;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw failed("write", e);
                }
            }
            // It is there. Immutable, but somebody may have made it by hand.
            byte[] there = chunk(content, chunk.hash());
            if (there != null && Chunks.hash(there).equals(chunk.hash())) {
                return false;
            }
            delete(content, Carrier.shortId(chunk.hash()));
        }
        throw new IOException("chunk " + name + " keeps coming back with other content");
    }

    @Override
    public String replace(Optional<String> version, byte[] manifest) throws IOException {
        ConfigMap object =
                new ConfigMapBuilder()
                        .withMetadata(meta(SharedConfig.manifestName(id), MANIFEST))
                        .addToData(
                                SharedConfig.MANIFEST_KEY,
                                new String(manifest, StandardCharsets.UTF_8))
                        .build();
        object.getMetadata().setResourceVersion(version.orElse(null));
        try {
            Resource<ConfigMap> resource =
                    client.configMaps().inNamespace(namespace).resource(object);
            ConfigMap written = version.isPresent() ? resource.update() : resource.create();
            return written.getMetadata().getResourceVersion();
        } catch (KubernetesClientException e) {
            boolean gone = version.isPresent() && e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || gone) {
                throw new ConflictException("the manifest has been written by another");
            }
            throw failed("write", e);
        }
    }

    @Override
    public Set<String> stored(Content content) {
        String prefix = id + ".";
        Set<String> names =
                switch (content) {
                    case CONFIG -> configMaps.names(CHUNK);
                    case KEYS -> secrets.names(KEYS);
                };
        return names.stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .collect(Collectors.toSet());
    }

    @Override
    public void delete(Content content, String shortId) throws IOException {
        String name = id + "." + shortId;
        switch (content) {
            case CONFIG -> call("delete", () -> configMap(name).delete());
            case KEYS -> call("delete", () -> secret(name).delete());
        }
    }

    @Override
    public void close() {
        configMaps.stop();
        secrets.stop();
    }

    private void create(Content content, String name, Chunk chunk) {
        switch (content) {
            case CONFIG ->
                    client.configMaps()
                            .inNamespace(namespace)
                            .resource(
                                    new ConfigMapBuilder()
                                            .withMetadata(meta(name, CHUNK))
                                            .withImmutable(true)
                                            .addToData(
                                                    SharedConfig.CHUNK_KEY,
                                                    new String(
                                                            chunk.bytes(), StandardCharsets.UTF_8))
                                            .build())
                            .create();
            case KEYS ->
                    client.secrets()
                            .inNamespace(namespace)
                            .resource(
                                    new SecretBuilder()
                                            .withMetadata(meta(name, KEYS))
                                            .withImmutable(true)
                                            .withType(SharedConfig.SECRET_TYPE)
                                            .addToData(
                                                    SharedConfig.CHUNK_KEY,
                                                    Base64.getEncoder()
                                                            .encodeToString(chunk.bytes()))
                                            .build())
                            .create();
        }
    }

    private ObjectMeta meta(String name, String content) {
        return new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .addToLabels(SharedConfig.DATA_PLANE_LABEL, id)
                .addToLabels(SharedConfig.CONTENT_LABEL, content)
                .addToLabels("app.kubernetes.io/managed-by", "fairway")
                .build();
    }

    private Resource<ConfigMap> manifestResource() {
        return configMap(SharedConfig.manifestName(id));
    }

    private Resource<ConfigMap> configMap(String name) {
        return client.configMaps().inNamespace(namespace).withName(name);
    }

    private Resource<Secret> secret(String name) {
        return client.secrets().inNamespace(namespace).withName(name);
    }

    private static byte[] decoded(Secret object) {
        try {
            return Base64.getDecoder().decode(data(object.getData(), SharedConfig.CHUNK_KEY));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static String data(@Nullable Map<String, String> data, String key) {
        return data == null ? "" : data.getOrDefault(key, "");
    }

    private interface Call<T> {
        T make();
    }

    private <T> T call(String verb, Call<T> call) throws IOException {
        try {
            return call.make();
        } catch (KubernetesClientException e) {
            throw failed(verb, e);
        }
    }

    /** A sentence for people. The cause stays out: it quotes the request, and with it secrets. */
    private IOException failed(String verb, KubernetesClientException e) {
        String why =
                e.getStatus() != null && e.getStatus().getReason() != null
                        ? e.getCode() + " " + e.getStatus().getReason()
                        : e.getCode() != 0
                                ? "HTTP " + e.getCode()
                                : "no answer from the API server";
        return new IOException("can't " + verb + " shared config in " + namespace + ": " + why);
    }

    /** Names and labels of what is there; without content, which may be megabytes. */
    private record Present<T extends HasMetadata>(SharedIndexInformer<T> informer) {

        void start(Runnable damaged) {
            informer.itemStore(new NamesOnly<>());
            informer.exceptionHandler((started, error) -> true);
            informer.addEventHandler(new Damage<>(damaged));
            informer.start();
        }

        Set<String> names(String content) {
            return informer.getStore().list().stream()
                    .map(HasMetadata::getMetadata)
                    .filter(meta ->
                            meta.getLabels() != null
                                    && content.equals(
                                            meta.getLabels().get(SharedConfig.CONTENT_LABEL)))
                    .map(ObjectMeta::getName)
                    .collect(Collectors.toSet());
        }

        void stop() {
            informer.stop();
        }
    }
}
