package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.Answer;
import java.util.concurrent.CompletionStage;

/** What the gates say. */
public sealed interface Decision {

    Decision PROCEED = new Proceed();

    record Proceed() implements Decision {}

    /** Answered here; nothing goes upstream. */
    record Respond(Answer answer) implements Decision {}

    /**
     * Waits for something off the loop. The stage completes on any thread, exactly once, with the
     * outcome of <em>all</em> remaining gates; if it completes exceptionally the answer is 500. The
     * exchange re-enters its loop before it reads the outcome.
     */
    record Await(CompletionStage<Decision> later) implements Decision {}
}
