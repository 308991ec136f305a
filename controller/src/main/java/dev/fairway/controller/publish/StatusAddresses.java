package dev.fairway.controller.publish;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngressBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The addresses Ingress status speaks of ({@code status.loadBalancer.ingress}), sorted, each once.
 */
public final class StatusAddresses {
    private StatusAddresses() {}

    /** Addresses and host names as a flag lists them. */
    public static List<IngressLoadBalancerIngress> of(Collection<String> texts) {
        return new TreeSet<>(texts).stream().map(StatusAddresses::entry).toList();
    }

    /** Where a Service is reached from outside, by its type. */
    public static List<IngressLoadBalancerIngress> ofService(Service service) {
        List<String> texts = new ArrayList<>();
        switch (Objects.requireNonNullElse(service.getSpec().getType(), "ClusterIP")) {
            case "LoadBalancer" -> {
                if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
                    for (LoadBalancerIngress at :
                            service.getStatus().getLoadBalancer().getIngress()) {
                        texts.add(
                                at.getIp() == null || at.getIp().isEmpty()
                                        ? at.getHostname()
                                        : at.getIp());
                    }
                }
                texts.addAll(service.getSpec().getExternalIPs());
            }
            case "ExternalName" -> texts.add(service.getSpec().getExternalName());
            default -> {
                texts.addAll(service.getSpec().getExternalIPs());
                String clusterIp = service.getSpec().getClusterIP();
                if (texts.isEmpty() && clusterIp != null && !clusterIp.equals("None")) {
                    texts.add(clusterIp);
                }
            }
        }
        return of(texts.stream().filter(Objects::nonNull).filter(t -> !t.isEmpty()).toList());
    }

    /** Of the nodes that these pods run on: external addresses, or else internal ones. */
    public static List<IngressLoadBalancerIngress> ofNodes(
            Collection<Pod> pods, Collection<Node> nodes, boolean internal) {
        Set<String> used =
                pods.stream()
                        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                        .filter(pod ->
                                pod.getStatus() != null
                                        && "Running".equals(pod.getStatus().getPhase()))
                        .map(pod -> pod.getSpec().getNodeName())
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet());
        return of(
                nodes.stream()
                        .filter(node -> used.contains(node.getMetadata().getName()))
                        .flatMap(node -> address(node, internal).stream())
                        .toList());
    }

    private static Optional<String> address(Node node, boolean internal) {
        Stream<NodeAddress> all =
                node.getStatus() == null
                        ? Stream.empty()
                        : node.getStatus().getAddresses().stream();
        List<String> order = internal ? List.of("InternalIP") : List.of("ExternalIP", "InternalIP");
        return all.filter(a -> order.contains(a.getType()))
                .min(Comparator.comparingInt(a -> order.indexOf(a.getType())))
                .map(NodeAddress::getAddress);
    }

    private static IngressLoadBalancerIngress entry(String text) {
        boolean ip = text.indexOf(':') >= 0 || text.matches("[0-9.]+");
        IngressLoadBalancerIngressBuilder entry = new IngressLoadBalancerIngressBuilder();
        return (ip ? entry.withIp(text) : entry.withHostname(text)).build();
    }
}
