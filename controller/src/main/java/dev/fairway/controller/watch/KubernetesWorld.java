package dev.fairway.controller.watch;

import dev.fairway.controller.compile.ClusterState;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A cluster's caches. */
public final class KubernetesWorld implements World {

    /** Helm keeps each release in such Secrets: large, many, and never ours. */
    private static final String HELM_RELEASE = "helm.sh/release.v1";

    private static final SortedSet<String> EVERYWHERE = Collections.emptySortedSet();

    private final Cache<Ingress> ingresses;
    private final Cache<IngressClass> classes;
    private final Cache<Service> services;
    private final Cache<EndpointSlice> slices;
    private final Cache<Secret> secrets;
    private final @Nullable Cache<ConfigMap> configMap;
    private final @Nullable Cache<Namespace> namespaces;
    private final @Nullable Cache<Node> nodes;
    private final @Nullable Cache<Pod> pods;

    /** All of the above that there are. */
    private final List<Cache<?>> caches = new ArrayList<>();

    private final DataPlanes dataPlanes;
    private final Consumer<String> died;
    private volatile boolean closed;

    /**
     * @param died called when a part has ended that can't come back: the process must
     */
    public KubernetesWorld(
            KubernetesClient client, Scope scope, DataPlanes dataPlanes, Consumer<String> died) {
        this.dataPlanes = dataPlanes;
        this.died = died;
        ingresses = cache(new Cache<>(client, Ingress.class, scope.namespaces(), all -> all));
        classes = cache(new Cache<>(client, IngressClass.class, EVERYWHERE, all -> all));
        services =
                cache(new Cache<>(client, Service.class, scope.with(scope.services()), all -> all));
        slices =
                cache(
                        new Cache<>(
                                client,
                                EndpointSlice.class,
                                scope.with(scope.slices()),
                                all -> all));
        secrets =
                cache(
                        new Cache<>(
                                client,
                                Secret.class,
                                scope.with(scope.secrets()),
                                all -> all.withoutField("type", HELM_RELEASE)));
        configMap =
                scope.configMap()
                        .map(name ->
                                cache(
                                        new Cache<>(
                                                client,
                                                ConfigMap.class,
                                                only(name.namespace()),
                                                all ->
                                                        all.withField(
                                                                "metadata.name", name.name()))))
                        .orElse(null);
        namespaces =
                scope.namespaceSelector()
                        .map(labels ->
                                cache(
                                        new Cache<>(
                                                client,
                                                Namespace.class,
                                                EVERYWHERE,
                                                all -> all.withLabelSelector(labels))))
                        .orElse(null);
        nodes =
                scope.pods()
                        .map(labels ->
                                cache(new Cache<>(client, Node.class, EVERYWHERE, all -> all)))
                        .orElse(null);
        pods =
                scope.pods()
                        .map(labels ->
                                cache(
                                        new Cache<>(
                                                client,
                                                Pod.class,
                                                only(scope.dataPlane().namespace()),
                                                all -> all.withLabelSelector(labels))))
                        .orElse(null);
    }

    @Override
    public void start(Runnable changed) {
        start(ingresses, KubernetesWorld::otherVersion, changed);
        start(classes, KubernetesWorld::otherVersion, changed);
        start(services, KubernetesWorld::otherVersion, changed);
        start(slices, KubernetesWorld::otherVersion, changed);
        start(secrets, KubernetesWorld::otherVersion, changed);
        start(configMap, KubernetesWorld::otherVersion, changed);
        start(namespaces, (a, b) -> false, changed);
        // kubelets write their Node all the time; addresses hardly ever change
        start(nodes, differIn(node -> node.getStatus().getAddresses()), changed);
        start(pods, differIn(pod -> List.of(onNode(pod), pod.getStatus().getPhase())), changed);
        dataPlanes.start(changed, this::ended);
    }

    @Override
    public Optional<View> view() {
        if (waitingFor().isPresent()) {
            return Optional.empty();
        }
        // Before the lists: a mark may be too low for what is read after it, never too high.
        SortedMap<String, String> watermarks = new TreeMap<>();
        caches.forEach(cache -> cache.watermarks(watermarks));
        ClusterState state =
                new ClusterState(
                        inScope(ingresses.list()),
                        classes.list(),
                        services.list(),
                        slices.list(),
                        secrets.list(),
                        list(configMap));
        return Optional.of(
                new View(
                        state,
                        dataPlanes.current(),
                        list(nodes),
                        list(pods),
                        watermarks,
                        List.of()));
    }

    @Override
    public Optional<String> waitingFor() {
        List<String> missing =
                new ArrayList<>(caches.stream().filter(c -> !c.synced()).map(Cache::name).toList());
        if (!dataPlanes.synced()) {
            missing.add("DataPlane");
        }
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("the first list of " + String.join(", ", missing));
    }

    @Override
    public boolean confirms(View view) throws IOException {
        try {
            return identities(inScope(ingresses.fresh()))
                            .equals(identities(view.state().ingresses()))
                    && identities(slices.fresh()).equals(identities(view.state().slices()));
        } catch (KubernetesClientException e) {
            throw new IOException("consistent list: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<String> revision(String watermarkKind) throws IOException {
        try {
            return caches.stream()
                    .filter(cache -> cache.has(watermarkKind))
                    .map(cache -> cache.revision(watermarkKind))
                    .findFirst();
        } catch (KubernetesClientException e) {
            throw new IOException("consistent list: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        closed = true;
        dataPlanes.close();
        caches.forEach(Cache::stop);
    }

    private <T extends HasMetadata> Cache<T> cache(Cache<T> cache) {
        caches.add(cache);
        return cache;
    }

    private <T extends HasMetadata> void start(
            @Nullable Cache<T> cache, BiPredicate<T, T> matters, Runnable changed) {
        if (cache != null) {
            cache.start(matters, changed, this::ended);
        }
    }

    private void ended(String what) {
        if (!closed) {
            died.accept(what);
        }
    }

    private List<Ingress> inScope(List<Ingress> all) {
        if (namespaces == null) {
            return all;
        }
        Set<String> selected =
                namespaces.list().stream()
                        .map(n -> n.getMetadata().getName())
                        .collect(Collectors.toSet());
        return all.stream().filter(i -> selected.contains(i.getMetadata().getNamespace())).toList();
    }

    private static <T extends HasMetadata> List<T> list(@Nullable Cache<T> cache) {
        return cache == null ? List.of() : cache.list();
    }

    /** Objects by name and content. */
    private static Set<String> identities(List<? extends HasMetadata> objects) {
        Set<String> all = new HashSet<>();
        for (HasMetadata object : objects) {
            all.add(
                    object.getMetadata().getUid()
                            + "@"
                            + object.getMetadata().getResourceVersion());
        }
        return all;
    }

    private static boolean otherVersion(HasMetadata before, HasMetadata after) {
        return !Objects.equals(
                before.getMetadata().getResourceVersion(),
                after.getMetadata().getResourceVersion());
    }

    private static <T> BiPredicate<T, T> differIn(Function<T, Object> what) {
        return (before, after) -> !what.apply(before).equals(what.apply(after));
    }

    private static String onNode(Pod pod) {
        return Objects.requireNonNullElse(pod.getSpec().getNodeName(), "");
    }

    private static SortedSet<String> only(String namespace) {
        return new TreeSet<>(Set.of(namespace));
    }
}
