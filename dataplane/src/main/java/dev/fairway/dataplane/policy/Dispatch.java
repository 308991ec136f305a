package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.balance.Selection;
import dev.fairway.dataplane.message.Answer;
import org.jspecify.annotations.Nullable;

/** Where a request goes. */
public sealed interface Dispatch {

    /**
     * To a backend.
     *
     * @param path the rewritten canonical path; null: the request's own
     * @param query the query that replaces the request's; null: the request's own
     * @param selection picks the endpoint of each attempt
     * @param transport how it is reached
     */
    record Forward(
            @Nullable String path, @Nullable String query, Selection selection, Transport transport)
            implements Dispatch {}

    /** Nowhere: answered here (fail closed, or a rewrite that left no valid path). */
    record Respond(Answer answer) implements Dispatch {}
}
