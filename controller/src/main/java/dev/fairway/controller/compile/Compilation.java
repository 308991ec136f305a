package dev.fairway.controller.compile;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import java.util.List;

/**
 * What a compile yields; the same input gives the same bytes.
 *
 * @param problems sorted
 * @param served {@code namespace/name} of every Ingress of ours, sorted: these get a status
 */
public record Compilation(
        Snapshot snapshot,
        Endpoints endpoints,
        Keys keys,
        List<Problem> problems,
        List<String> served) {

    public Compilation {
        problems = List.copyOf(problems);
        served = List.copyOf(served);
    }
}
