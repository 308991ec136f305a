package dev.fairway.controller.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StatusAddressesTest {

    @Test
    void a_load_balancer_Service_gives_its_addresses_sorted_and_its_external_IPs() {
        Service service =
                new ServiceBuilder()
                        .withNewSpec()
                        .withType("LoadBalancer")
                        .withExternalIPs("192.0.2.1")
                        .endSpec()
                        .withNewStatus()
                        .withNewLoadBalancer()
                        .addNewIngress()
                        .withHostname("lb.example")
                        .endIngress()
                        .addNewIngress()
                        .withIp("192.0.2.9")
                        .endIngress()
                        .endLoadBalancer()
                        .endStatus()
                        .build();
        assertEquals(
                List.of("192.0.2.1", "192.0.2.9", "lb.example"),
                texts(StatusAddresses.ofService(service)));
    }

    @Test
    void other_Services_give_external_IPs_or_cluster_IP_or_external_name() {
        assertEquals(List.of("10.96.0.7"), texts(StatusAddresses.ofService(service("ClusterIP"))));
        assertEquals(
                List.of("name.example"), texts(StatusAddresses.ofService(service("ExternalName"))));
        Service external =
                new ServiceBuilder(service("NodePort"))
                        .editSpec()
                        .withExternalIPs("192.0.2.3")
                        .endSpec()
                        .build();
        assertEquals(List.of("192.0.2.3"), texts(StatusAddresses.ofService(external)));
        assertEquals(List.of(), texts(StatusAddresses.ofService(service("LoadBalancer"))));
    }

    @Test
    void nodes_count_where_a_data_plane_pod_runs_and_external_addresses_come_first() {
        List<Node> nodes =
                List.of(
                        node("a", "10.0.0.1", "192.0.2.1"),
                        node("b", "10.0.0.2", null),
                        node("c", "10.0.0.3", null));
        List<Pod> pods = List.of(pod("a", "Running"), pod("b", "Running"), pod("c", "Pending"));
        assertEquals(
                List.of("10.0.0.2", "192.0.2.1"),
                texts(StatusAddresses.ofNodes(pods, nodes, false)));
        assertEquals(
                List.of("10.0.0.1", "10.0.0.2"), texts(StatusAddresses.ofNodes(pods, nodes, true)));
    }

    @Test
    void addresses_are_ip_or_hostname_each_once() {
        List<IngressLoadBalancerIngress> all =
                StatusAddresses.of(List.of("lb.example", "2001:db8::1", "lb.example"));
        assertEquals(List.of("2001:db8::1", "lb.example"), texts(all));
        assertEquals("2001:db8::1", all.getFirst().getIp());
        assertEquals("lb.example", all.getLast().getHostname());
    }

    @Test
    void a_namespace_that_churns_is_slowed_and_no_other() {
        AtomicLong nanos = new AtomicLong();
        TokenBuckets buckets = new TokenBuckets(2, 3, nanos::get);
        assertTrue(buckets.take("a") && buckets.take("a") && buckets.take("a"));
        assertFalse(buckets.take("a"));
        assertTrue(buckets.take("b"));
        nanos.addAndGet(Duration.ofMillis(500).toNanos());
        assertTrue(buckets.take("a"));
        assertFalse(buckets.take("a"));
    }

    private static List<String> texts(List<IngressLoadBalancerIngress> addresses) {
        return addresses.stream()
                .map(a -> a.getIp() != null ? a.getIp() : a.getHostname())
                .toList();
    }

    private static Service service(String type) {
        return new ServiceBuilder()
                .withNewSpec()
                .withType(type)
                .withClusterIP("10.96.0.7")
                .withExternalName("name.example")
                .endSpec()
                .build();
    }

    private static Node node(String name, String internal, String external) {
        NodeBuilder node =
                new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewStatus()
                        .addNewAddress(internal, "InternalIP")
                        .endStatus();
        return external == null
                ? node.build()
                : node.editStatus().addNewAddress(external, "ExternalIP").endStatus().build();
    }

    private static Pod pod(String node, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("on-" + node)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }
}
