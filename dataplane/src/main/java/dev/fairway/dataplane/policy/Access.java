package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.PolicyContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The access gates of a route, in order, combined as nginx's {@code satisfy} does. All: the first
 * refusal counts. Any: the first permission counts, and without one the last refusal.
 */
final class Access {
    private final List<Gate> gates;
    private final boolean any;

    Access(List<Gate> gates, boolean any) {
        this.gates = List.copyOf(gates);
        this.any = any;
    }

    Decision check(PolicyContext context) {
        for (Gate gate : gates) {
            gate.prepare(context);
        }
        return from(0, null, context);
    }

    private Decision from(int next, @Nullable Answer refusal, PolicyContext context) {
        if (next == gates.size()) {
            return refusal == null ? Decision.PROCEED : new Decision.Respond(refusal);
        }
        return settle(gates.get(next).check(context), next, refusal, context);
    }

    private Decision settle(
            Verdict verdict, int index, @Nullable Answer refusal, PolicyContext context) {
        return switch (verdict) {
            case Verdict.Allow() -> any ? Decision.PROCEED : from(index + 1, refusal, context);
            case Verdict.Neutral() -> from(index + 1, refusal, context);
            case Verdict.Deny(Answer answer) ->
                    any ? from(index + 1, answer, context) : new Decision.Respond(answer);
            case Verdict.Broken(Answer answer) -> new Decision.Respond(answer);
            case Verdict.Later(CompletionStage<Verdict> stage) ->
                    new Decision.Await(
                            stage.thenComposeAsync(
                                    late -> flat(settle(late, index, refusal, context)),
                                    context.loop()));
        };
    }

    /** The stage's outcome is that of all remaining gates, so a gate that waits again is joined. */
    private static CompletionStage<Decision> flat(Decision decision) {
        return decision instanceof Decision.Await(CompletionStage<Decision> later)
                ? later
                : CompletableFuture.completedFuture(decision);
    }
}
