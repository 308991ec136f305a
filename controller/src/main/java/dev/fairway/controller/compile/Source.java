package dev.fairway.controller.compile;

import dev.fairway.controller.compile.Problem.Subject;
import dev.fairway.controller.compile.annotation.Annotations;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressSpec;

/**
 * One of our Ingresses while it is compiled.
 *
 * @param canary all its paths only join the traffic of their primaries
 * @param regex its paths may be patterns
 */
record Source(
        Ingress ingress,
        IngressSpec spec,
        Subject subject,
        Annotations annotations,
        boolean canary,
        boolean regex) {

    String namespace() {
        return subject.namespace();
    }

    /** {@code namespace/name}. */
    String name() {
        return subject.namespace() + "/" + subject.name();
    }
}
