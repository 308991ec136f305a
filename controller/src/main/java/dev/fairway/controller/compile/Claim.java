package dev.fairway.controller.compile;

import dev.fairway.contract.HostMatch;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;

/**
 * A path of a rule, before anybody has asked who else claims it.
 *
 * @param field where in the Ingress
 */
record Claim(
        Source source,
        HostMatch host,
        PathRule path,
        IngressServiceBackend backend,
        String field) {}
