package dev.fairway.controller.watch;

import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What of a cluster is read. Settings may name objects outside the watched namespaces: these
 * namespaces are read too, but no Ingress of theirs is served.
 *
 * @param namespaces watched; empty: all
 * @param namespaceSelector labels of the namespaces watched
 * @param services further namespaces of Services that settings name
 * @param slices further namespaces of their EndpointSlices
 * @param secrets further namespaces of Secrets that settings name
 * @param configMap the ConfigMap with settings
 * @param dataPlane the DataPlane served
 * @param pods whose nodes' addresses go into Ingress status
 */
public record Scope(
        SortedSet<String> namespaces,
        Optional<String> namespaceSelector,
        Set<String> services,
        Set<String> slices,
        Set<String> secrets,
        Optional<Name> configMap,
        Name dataPlane,
        Optional<String> pods) {

    /** A namespaced object. */
    public record Name(String namespace, String name) {}

    /** The watched namespaces and these; all stays all. */
    SortedSet<String> with(Set<String> further) {
        SortedSet<String> all = new TreeSet<>(namespaces);
        if (!all.isEmpty()) {
            all.addAll(further);
        }
        return all;
    }
}
