package dev.fairway.controller.compile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The cluster state by name. Sorted here, at the door: nothing behind it sees the order in which
 * objects came. Of two objects with one name, which only a folder can hold, the older counts.
 */
final class Catalogue {
    private static final String SERVICE_LABEL = "kubernetes.io/service-name";

    private final TreeMap<String, Ingress> ingresses;
    private final Map<String, IngressClass> classes;
    private final Map<String, Service> services;
    private final Map<String, Secret> secrets;
    private final Map<String, List<EndpointSlice>> slices = new HashMap<>();

    Catalogue(ClusterState state) {
        ingresses = byName(state.ingresses());
        classes = byName(state.classes());
        services = byName(state.services());
        secrets = byName(state.secrets());
        for (EndpointSlice slice : byName(state.slices()).values()) {
            Optional.ofNullable(slice.getMetadata().getLabels())
                    .map(labels -> labels.get(SERVICE_LABEL))
                    .ifPresent(service ->
                            slices.computeIfAbsent(
                                            key(namespace(slice), service), k -> new ArrayList<>())
                                    .add(slice));
        }
    }

    Collection<Ingress> ingresses() {
        return ingresses.values();
    }

    Optional<IngressClass> ingressClass(String name) {
        return Optional.ofNullable(classes.get(key("", name)));
    }

    Optional<Service> service(String namespace, String name) {
        return Optional.ofNullable(services.get(key(namespace, name)));
    }

    Optional<Secret> secret(String namespace, String name) {
        return Optional.ofNullable(secrets.get(key(namespace, name)));
    }

    /** All slices of a Service, by name. */
    List<EndpointSlice> slices(String namespace, String service) {
        return slices.getOrDefault(key(namespace, service), List.of());
    }

    static String namespace(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getNamespace()).orElse("");
    }

    static String name(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getName()).orElse("");
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }

    private static <T extends HasMetadata> TreeMap<String, T> byName(List<T> objects) {
        TreeMap<String, T> all = new TreeMap<>();
        for (T object : objects) {
            all.merge(
                    key(namespace(object), name(object)),
                    object,
                    (one, other) -> older(one, other) <= 0 ? one : other);
        }
        return all;
    }

    private static int older(HasMetadata one, HasMetadata other) {
        return Comparator.comparing(Seniority::createdAt)
                .thenComparing(Object::toString)
                .compare(one, other);
    }
}
