package dev.fairway.controller.compile;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.contract.Route.Action;
import dev.fairway.controller.compile.annotation.Location;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A route whose Ingress is still being read: whether it is closed is known when all of its Ingress
 * has been.
 */
record Draft(String id, Route.Origin origin, PathMatch path, BackendId backend, Location location) {

    /** Closed routes answer for a setting that can't be honoured. */
    private static final int CLOSED_STATUS = 503;

    private static final int MAX_ID_CHARS = 400;

    Draft {
        // valid from birth: what can't be a route must throw while its Ingress is known
        new Route(id, origin, path, new Action.Forward(backend), location.policies());
    }

    static String id(String owner, String host, String what) {
        String id = owner + "#" + host + "#" + what;
        if (id.length() <= MAX_ID_CHARS) {
            return id;
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(id.getBytes(StandardCharsets.UTF_8));
            return id.substring(0, MAX_ID_CHARS - 72) + "#" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    Route route() {
        return location.closed()
                ? new Route(id, origin, path, new Action.Answer(CLOSED_STATUS), List.of())
                : new Route(id, origin, path, new Action.Forward(backend), location.policies());
    }

    /** What a canary path gives its primary. */
    Optional<Policy.Canary> canary() {
        return location.policies().stream()
                .filter(Policy.Canary.class::isInstance)
                .map(Policy.Canary.class::cast)
                .findFirst();
    }

    /** The primary's route with its canary; a closed one stays closed. */
    static Route with(Route primary, Policy.Canary canary, boolean legacyAffinity) {
        if (primary.action() instanceof Action.Answer) {
            return primary;
        }
        List<Policy> policies = new ArrayList<>();
        for (Policy policy : primary.policies()) {
            policies.add(
                    policy instanceof Policy.Affinity affinity && legacyAffinity
                            ? withoutCanary(affinity)
                            : policy);
        }
        policies.add(canary);
        return new Route(
                primary.id(),
                primary.origin(),
                primary.path(),
                primary.action(),
                Location.sorted(policies));
    }

    private static Policy withoutCanary(Policy.Affinity affinity) {
        return new Policy.Affinity(
                affinity.id(),
                affinity.mode(),
                affinity.cookie(),
                affinity.seed(),
                affinity.changeOnFailure(),
                false,
                affinity.keepDraining());
    }
}
