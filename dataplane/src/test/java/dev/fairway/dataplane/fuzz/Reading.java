package dev.fairway.dataplane.fuzz;

import java.util.Set;

/** What somebody makes of the first message in some bytes. */
public sealed interface Reading<M> {

    /**
     * A whole message.
     *
     * @param end where the next one begins
     */
    record Whole<M>(M message, int end) implements Reading<M> {}

    /**
     * @param statuses what may be answered: a message can be wrong in several ways
     */
    record Refused<M>(Set<Integer> statuses) implements Reading<M> {}

    /** More bytes are needed. */
    record Partial<M>() implements Reading<M> {}
}
