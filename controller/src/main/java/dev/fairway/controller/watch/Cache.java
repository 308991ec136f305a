package dev.fairway.controller.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All objects of one kind that we may see: one informer for the cluster, or one for each namespace.
 * Thread-safe.
 */
final class Cache<T extends HasMetadata> {

    private static final Logger log = LoggerFactory.getLogger(Cache.class);

    /** Narrows what is listed and watched, by labels or fields. */
    interface Narrowing<T extends HasMetadata>
            extends UnaryOperator<
                    FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>>> {}

    private final Class<T> type;

    /** By watermark kind: {@code Ingress}, or {@code Ingress/NAMESPACE}. */
    private final Map<String, Listed<T>> parts = new TreeMap<>();

    private record Listed<T extends HasMetadata>(
            FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> source,
            SharedIndexInformer<T> informer) {}

    /**
     * @param namespaces empty: the whole cluster
     */
    Cache(
            KubernetesClient client,
            Class<T> type,
            SortedSet<String> namespaces,
            Narrowing<T> narrowing) {
        this.type = type;
        if (namespaces.isEmpty()) {
            part(type.getSimpleName(), narrowing.apply(client.resources(type).inAnyNamespace()));
        }
        for (String namespace : namespaces) {
            part(
                    type.getSimpleName() + "/" + namespace,
                    narrowing.apply(client.resources(type).inNamespace(namespace)));
        }
    }

    private void part(
            String kind,
            FilterWatchListDeletable<T, KubernetesResourceList<T>, Resource<T>> source) {
        parts.put(kind, new Listed<>(source, source.runnableInformer(0)));
    }

    /**
     * @param matters whether an update from the first to the second can change anything
     * @param died called once for an informer that will never come back
     */
    void start(BiPredicate<T, T> matters, Runnable changed, Consumer<String> died) {
        parts.forEach((kind, part) -> {
            part.informer.itemStore(new Slim<>());
            part.informer.exceptionHandler((started, error) -> {
                log.warn("{}: {}; trying again", kind, reason(error));
                return true;
            });
            part.informer.addEventHandler(new Notice<>(matters, changed));
            part.informer
                    .stopped()
                    .whenComplete((nothing, error) -> died.accept(kind + " informer"));
            part.informer.start().whenComplete((nothing, error) -> changed.run());
        });
    }

    List<T> list() {
        List<T> all = new ArrayList<>();
        parts.values().forEach(part -> all.addAll(part.informer.getStore().list()));
        return all;
    }

    boolean synced() {
        return parts.values().stream().allMatch(part -> part.informer.hasSynced());
    }

    String name() {
        return type.getSimpleName();
    }

    /** Adds how far each informer has come. */
    void watermarks(Map<String, String> into) {
        parts.forEach((kind, part) -> {
            String revision = part.informer.lastSyncResourceVersion();
            if (revision != null) {
                into.put(kind, revision);
            }
        });
    }

    /** The objects as the API server has them now: a consistent list, past every cache. */
    List<T> fresh() {
        List<T> all = new ArrayList<>();
        parts.values().forEach(part -> all.addAll(part.source.list().getItems()));
        return all;
    }

    boolean has(String watermarkKind) {
        return parts.containsKey(watermarkKind);
    }

    /** The collection's revision now: a consistent list of one. */
    String revision(String watermarkKind) {
        Listed<T> part = parts.get(watermarkKind);
        if (part == null) {
            throw new IllegalArgumentException("no cache of " + watermarkKind);
        }
        return part.source
                .list(new ListOptionsBuilder().withLimit(1L).build())
                .getMetadata()
                .getResourceVersion();
    }

    void stop() {
        parts.values().forEach(part -> part.informer.stop());
    }

    /** In few words, and none of an object's: it may be a Secret. */
    private static String reason(Throwable error) {
        for (Throwable e = error; e != null; e = e.getCause()) {
            if (e instanceof KubernetesClientException answer && answer.getCode() != 0) {
                return "HTTP " + answer.getCode();
            }
            if (e instanceof IOException) {
                return e.getClass().getSimpleName();
            }
        }
        return error.getClass().getSimpleName();
    }

    /** Every event is the same to us: look again. */
    private record Notice<T extends HasMetadata>(BiPredicate<T, T> matters, Runnable changed)
            implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            changed.run();
        }

        @Override
        public void onUpdate(T before, T after) {
            if (matters.test(before, after)) {
                changed.run();
            }
        }

        @Override
        public void onDelete(T object, boolean stateUnknown) {
            changed.run();
        }
    }
}
