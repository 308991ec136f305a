package dev.fairway.controller.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps objects without their history, which is often more than the object: who wrote which field,
 * and kubectl's copy of what was applied. Of an Ingress it keeps who wrote the status, because that
 * decides whether it is ours to clear.
 */
final class Slim<T extends HasMetadata> extends BasicItemStore<T> {

    private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    Slim() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public @Nullable T put(String key, T object) {
        ObjectMeta meta = object.getMetadata();
        if (meta.getManagedFields() != null) {
            meta.setManagedFields(
                    object instanceof Ingress
                            ? meta.getManagedFields().stream()
                                    .filter(entry -> "status".equals(entry.getSubresource()))
                                    .toList()
                            : null);
        }
        if (meta.getAnnotations() != null && meta.getAnnotations().containsKey(APPLIED)) {
            Map<String, String> annotations = new LinkedHashMap<>(meta.getAnnotations());
            annotations.remove(APPLIED);
            meta.setAnnotations(annotations);
        }
        return super.put(key, object);
    }
}
