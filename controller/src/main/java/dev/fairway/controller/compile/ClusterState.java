package dev.fairway.controller.compile;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.List;

/**
 * One read of the world. Lists may come in any order: the compiler sorts at its door. The objects
 * are shared with caches and must not be changed.
 *
 * @param configMaps those an annotation or setting may name
 */
public record ClusterState(
        List<Ingress> ingresses,
        List<IngressClass> classes,
        List<Service> services,
        List<EndpointSlice> slices,
        List<Secret> secrets,
        List<ConfigMap> configMaps) {

    public static final ClusterState EMPTY =
            new ClusterState(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    public ClusterState {
        ingresses = List.copyOf(ingresses);
        classes = List.copyOf(classes);
        services = List.copyOf(services);
        slices = List.copyOf(slices);
        secrets = List.copyOf(secrets);
        configMaps = List.copyOf(configMaps);
    }
}
