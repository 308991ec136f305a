package dev.fairway.dataplane.generation;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;

/**
 * A verified snapshot, whole, and which of its documents differ from the active one's. Documents
 * that do not differ are the very objects of the active one.
 */
public record Candidate(
        long epoch,
        long sequence,
        Snapshot snapshot,
        Endpoints endpoints,
        Keys keys,
        boolean routesChanged,
        boolean endpointsChanged,
        boolean keysChanged) {}
