package dev.fairway.controller.compile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * Who comes first where several claim the same: the oldest. Of the same age, by namespace and name,
 * ascending, or descending in compatibility mode (DESIGN section 4).
 */
final class Seniority {
    private Seniority() {}

    static Comparator<Ingress> order(boolean compatible) {
        Comparator<Ingress> byName =
                Comparator.comparing(i -> Catalogue.namespace(i) + "/" + Catalogue.name(i));
        return Comparator.<Ingress, Instant>comparing(Seniority::createdAt)
                .thenComparing(compatible ? byName.reversed() : byName);
    }

    /** Objects of a folder have no creation time: all of one age, and old. */
    static Instant createdAt(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getCreationTimestamp())
                .map(Seniority::parsed)
                .orElse(Instant.EPOCH);
    }

    private static Instant parsed(String timestamp) {
        try {
            return Instant.parse(timestamp);
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }
}
