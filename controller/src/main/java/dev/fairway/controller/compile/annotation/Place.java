package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.PathMatch;
import java.util.Optional;

/**
 * Where a route stands.
 *
 * @param namespace the Ingress's namespace
 * @param ingress the Ingress's name; empty for the controller's own default backend
 * @param host as in the rule; empty for any
 * @param asksForTls whether the host is served over TLS
 * @param kind what the route is
 * @param path how it matches
 * @param writtenPath the path as the Ingress wrote it; {@code /} when it wrote none
 * @param backend where it goes; absent when its action is already an answer
 * @param appProtocol what the Service port says it speaks
 */
public record Place(
        String namespace,
        String ingress,
        String host,
        boolean asksForTls,
        Kind kind,
        PathMatch path,
        String writtenPath,
        Optional<BackendId> backend,
        Optional<String> appProtocol) {

    public enum Kind {
        /** A path of a rule. */
        RULE,
        /** {@code spec.defaultBackend} of an Ingress that has rules. */
        DEFAULT_BACKEND,
        /** A rule-less Ingress, or the controller's own default backend. */
        CATCH_ALL,
        /** A path of a canary Ingress. */
        CANARY
    }
}
