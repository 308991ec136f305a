package dev.fairway.controller.publish;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code status.loadBalancer} of Ingresses: set on those we serve, cleared on those we no longer
 * do. Which status is ours to clear, the object itself says: the API server keeps who wrote it
 * ({@code metadata.managedFields}), so a restart forgets nothing, and what another controller has
 * written since is left alone. Used by one thread.
 */
final class IngressStatuses {

    private static final Logger log = LoggerFactory.getLogger(IngressStatuses.class);

    private static final Comparator<IngressLoadBalancerIngress> ORDER =
            Comparator.comparing((IngressLoadBalancerIngress a) ->
                            Objects.requireNonNullElse(a.getIp(), ""))
                    .thenComparing(a -> Objects.requireNonNullElse(a.getHostname(), ""));

    private final KubernetesClient client;
    private final KubernetesSerialization json;

    /** Under which name we write; differs between installations. */
    private final String manager;

    private final TokenBuckets budget;

    /** The version of an object that we have written to: the cache may not show it yet. */
    private final Map<String, String> writtenTo = new HashMap<>();

    IngressStatuses(KubernetesClient client, String manager, TokenBuckets budget) {
        this.client = client;
        this.json = client.getKubernetesSerialization();
        this.manager = manager;
        this.budget = budget;
    }

    /**
     * Writes what differs.
     *
     * @return whether all is as it should be; if not, call again later
     */
    boolean update(Report report) {
        boolean complete = true;
        for (Ingress ingress : report.ingresses()) {
            boolean served = report.served().contains(id(ingress));
            List<IngressLoadBalancerIngress> wanted;
            if (served) {
                if (report.addresses().isEmpty()) {
                    continue;
                }
                wanted = report.addresses();
            } else if (ours(ingress)) {
                wanted = List.of();
            } else {
                continue;
            }
            complete &= write(ingress, wanted);
        }
        writtenTo
                .keySet()
                .retainAll(report.ingresses().stream().map(IngressStatuses::uid).toList());
        return complete;
    }

    /** Clears every status we wrote: only when somebody asked for it at the end. */
    void clear(Report last) {
        for (Ingress ingress : last.ingresses()) {
            if (last.served().contains(id(ingress))) {
                write(ingress, List.of());
            }
        }
    }

    private boolean write(Ingress ingress, List<IngressLoadBalancerIngress> wanted) {
        if (sorted(ingress).equals(wanted)
                || Objects.equals(
                        writtenTo.get(uid(ingress)),
                        ingress.getMetadata().getResourceVersion() + wanted)) {
            return true;
        }
        if (!budget.take(ingress.getMetadata().getNamespace())) {
            return false;
        }
        try {
            client.network()
                    .v1()
                    .ingresses()
                    .inNamespace(ingress.getMetadata().getNamespace())
                    .withName(ingress.getMetadata().getName())
                    .subresource("status")
                    .patch(
                            new PatchContext.Builder()
                                    .withPatchType(PatchType.JSON_MERGE)
                                    .withFieldManager(manager)
                                    .build(),
                            body(wanted));
            writtenTo.put(uid(ingress), ingress.getMetadata().getResourceVersion() + wanted);
            return true;
        } catch (KubernetesClientException e) {
            // gone in the meantime: nothing to say
            if (e.getCode() == 404) {
                return true;
            }
            log.warn("Status of Ingress {}: HTTP {}; trying again", id(ingress), e.getCode());
            return false;
        }
    }

    private String body(List<IngressLoadBalancerIngress> wanted) {
        return json.asJson(Map.of("status", Map.of("loadBalancer", Map.of("ingress", wanted))));
    }

    private boolean ours(Ingress ingress) {
        if (sorted(ingress).isEmpty() || ingress.getMetadata().getManagedFields() == null) {
            return false;
        }
        for (ManagedFieldsEntry entry : ingress.getMetadata().getManagedFields()) {
            if (manager.equals(entry.getManager())
                    && "status".equals(entry.getSubresource())
                    && entry.getFieldsV1() != null
                    && json.asJson(entry.getFieldsV1()).contains("f:ingress")) {
                return true;
            }
        }
        return false;
    }

    private static List<IngressLoadBalancerIngress> sorted(Ingress ingress) {
        return ingress.getStatus() == null || ingress.getStatus().getLoadBalancer() == null
                ? List.of()
                : ingress.getStatus().getLoadBalancer().getIngress().stream()
                        .map(IngressStatuses::addressOnly)
                        .sorted(ORDER)
                        .toList();
    }

    private static IngressLoadBalancerIngress addressOnly(IngressLoadBalancerIngress entry) {
        return new IngressLoadBalancerIngress(entry.getHostname(), entry.getIp(), List.of());
    }

    private static String id(Ingress ingress) {
        return ingress.getMetadata().getNamespace() + "/" + ingress.getMetadata().getName();
    }

    private static String uid(Ingress ingress) {
        return String.valueOf(ingress.getMetadata().getUid());
    }
}
