package dev.fairway.controller.publish;

import dev.fairway.controller.compile.Problem;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the cluster is to be told after a round.
 *
 * @param ingresses all that we see
 * @param served {@code namespace/name} of ours
 * @param addresses what status is to say; empty: we don't know any
 * @param problems all there are now
 * @param subjects the objects problems are about, where we know them
 */
public record Report(
        List<Ingress> ingresses,
        Set<String> served,
        List<IngressLoadBalancerIngress> addresses,
        List<Problem> problems,
        Map<Problem.Subject, HasMetadata> subjects) {

    public Report {
        ingresses = List.copyOf(ingresses);
        served = Set.copyOf(served);
        addresses = List.copyOf(addresses);
        problems = List.copyOf(problems);
        subjects = Map.copyOf(subjects);
    }
}
