package dev.fairway.controller.observe;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Why we are not ready, if we aren't; a reason is a short sentence for people.
 *
 * @param reasons each empty when all is well
 */
public record Health(List<Supplier<Optional<String>>> reasons) {

    public Health {
        reasons = List.copyOf(reasons);
    }

    List<String> notReady() {
        return reasons.stream().map(Supplier::get).flatMap(Optional::stream).toList();
    }
}
