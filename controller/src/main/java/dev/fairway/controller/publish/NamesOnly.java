package dev.fairway.controller.publish;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import org.jspecify.annotations.Nullable;

/** Keeps objects without what is in them: who only asks for names needs no megabytes. */
final class NamesOnly<T extends HasMetadata> extends BasicItemStore<T> {

    NamesOnly() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public @Nullable T put(String key, T object) {
        if (object instanceof ConfigMap configMap) {
            configMap.setData(null);
        }
        if (object instanceof Secret secret) {
            secret.setData(null);
        }
        object.getMetadata().setManagedFields(null);
        return super.put(key, object);
    }
}
