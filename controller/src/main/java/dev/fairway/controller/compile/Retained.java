package dev.fairway.controller.compile;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;

/**
 * What was published last, read back from the carrier so that a new leader has it too: covers what
 * is missing for a moment, such as a certificate that was good before.
 */
public record Retained(Snapshot snapshot, Endpoints endpoints, Keys keys) {
    public static final Retained NOTHING = new Retained(Snapshot.EMPTY, Endpoints.NONE, Keys.NONE);
}
