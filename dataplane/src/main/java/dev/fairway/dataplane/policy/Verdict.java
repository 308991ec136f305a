package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.Answer;
import java.util.concurrent.CompletionStage;

/** What one access gate says; {@link Access} combines them. */
sealed interface Verdict {
    Verdict ALLOW = new Allow();
    Verdict NEUTRAL = new Neutral();

    record Allow() implements Verdict {}

    /** Not refused, but no reason to let in where one reason suffices. */
    record Neutral() implements Verdict {}

    record Deny(Answer answer) implements Verdict {}

    /** Could not be decided: refused, whatever the other gates say. */
    record Broken(Answer answer) implements Verdict {}

    record Later(CompletionStage<Verdict> stage) implements Verdict {}
}
