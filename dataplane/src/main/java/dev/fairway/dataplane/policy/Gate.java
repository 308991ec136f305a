package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.PolicyContext;

/** One of the gates that {@code satisfy} combines. Called on the loop. */
interface Gate {

    /** Takes from the forwarded request what only this gate may have put there. Runs always. */
    default void prepare(PolicyContext context) {}

    Verdict check(PolicyContext context);
}
