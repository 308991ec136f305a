package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy.LoadBalance;
import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.contract.Route;
import dev.fairway.dataplane.balance.Backend;
import dev.fairway.dataplane.balance.Balancing;
import dev.fairway.dataplane.balance.Chance;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.message.Request;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One route's policies in the one order they run in: {@link #admit}, then {@link #dispatch}, then
 * {@link #respond}, each read from top to bottom. Immutable; any loop.
 */
final class CompiledRoute implements RoutePlan {
    private static final LoadBalance ROUND_ROBIN =
            new LoadBalance(LoadBalance.Algorithm.ROUND_ROBIN);
    static final Timeouts DEFAULT_TIMEOUTS =
            new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(60));

    private static final RetryRule NEVER = (_, _, _, _, _, _, _, _) -> false;
    private static final Dispatch BAD_REWRITE =
            new Dispatch.Respond(Answer.of(400, "This path is not valid here.", "rewrite-refused"));
    private static final Dispatch NO_HOST =
            new Dispatch.Respond(
                    Answer.of(400, "This request names no valid host.", "upstream-host-refused"));
    private static final Dispatch NOWHERE =
            new Dispatch.Respond(Answer.of(503, "Nothing serves this.", "no-backend"));

    private final Route route;
    private final Slots slots;
    private final Chance chance;
    private final Timeouts timeouts;
    private final RetryRule retry;

    // Asked of every route, so beside what else is: a request touches few of its objects.
    private final long bodyLimit;
    private final boolean keepRepeatedSlashes;

    /** Whether {@link #admit} has anything to ask. */
    private final boolean gated;

    private final @Nullable String clientPolicy;

    /** Whether {@link #respond} has anything to say. */
    private final boolean respondsWithHeaders;

    /** The dispatch of every request but gRPC calls, when nothing else depends on the request. */
    private final @Nullable Dispatch constant;

    /** That of gRPC calls; null with {@link #constant}. */
    private final @Nullable Dispatch constantForCalls;

    /**
     * @param shared the one of equal dispatches that routes have in common
     */
    CompiledRoute(Route route, Slots slots, Chance chance, UnaryOperator<Dispatch> shared) {
        this.route = route;
        this.slots = slots;
        this.chance = chance;
        this.timeouts = slots.timeouts == null ? DEFAULT_TIMEOUTS : slots.timeouts;
        this.retry = slots.retry == null ? NEVER : slots.retry;
        this.bodyLimit = slots.bodyLimit;
        this.keepRepeatedSlashes = slots.keepRepeatedSlashes;
        this.gated =
                slots.elsewhere != null
                        || slots.httpsRedirection != null
                        || slots.clients != null
                        || slots.crossOrigin != null
                        || slots.refusal != null
                        || slots.connections != null
                        || slots.rates != null
                        || slots.access != null;
        this.clientPolicy = slots.clients == null ? null : slots.clients.policy();
        this.respondsWithHeaders = slots.crossOrigin != null || slots.strictTransport != null;
        Dispatch always = constant(slots, false);
        Dispatch forCalls = constant(slots, true);
        this.constant = always == null ? null : shared.apply(always);
        this.constantForCalls = forCalls == null ? null : shared.apply(forCalls);
    }

    private static @Nullable Dispatch constant(Slots slots, boolean call) {
        if (slots.refusal != null) {
            return new Dispatch.Respond(slots.refusal);
        }
        if (slots.redirect != null) {
            return new Dispatch.Respond(slots.redirect);
        }
        Target only = slots.primary;
        if (only == null) {
            return NOWHERE;
        }
        boolean same =
                only.transports().constant()
                        && slots.rewrite == null
                        && slots.upstreamHost == null
                        && slots.canary == null
                        && only.sessions() == null
                        && only.hash() == null;
        if (!same) {
            return null;
        }
        Transports.Declared reached = only.transports().overPlain();
        Transport transport = call ? reached.calls() : reached.others();
        return new Dispatch.Forward(null, null, only.plain(), transport);
    }

    @Override
    public Route route() {
        return route;
    }

    @Override
    public Decision admit(PolicyContext context) {
        if (!gated) {
            return Decision.PROCEED;
        }
        if (slots.elsewhere != null) {
            return new Decision.Respond(slots.elsewhere.answer(context.request()));
        }
        Answer answer = null;
        if (slots.httpsRedirection != null) {
            answer = slots.httpsRedirection.check(context.request());
        }
        if (answer == null && slots.clients != null) {
            boolean exempt =
                    slots.httpsRedirection != null
                            && slots.httpsRedirection.exempt(context.request().path());
            answer = slots.clients.check(context, exempt);
        }
        if (answer == null && slots.crossOrigin != null) {
            answer = slots.crossOrigin.preflight(context.request());
        }
        if (answer == null) {
            answer = slots.refusal;
        }
        if (answer == null && slots.connections != null) {
            answer = slots.connections.check(context);
        }
        if (answer == null && slots.rates != null) {
            answer = slots.rates.check(context);
        }
        if (answer != null) {
            return new Decision.Respond(answer);
        }
        return slots.access == null ? Decision.PROCEED : slots.access.check(context);
    }

    @Override
    public Dispatch dispatch(PolicyContext context) {
        Request request = context.request();
        if (constant != null && constantForCalls != null) {
            return request.isCall() ? constantForCalls : constant;
        }
        PathRewrite.Result rewritten = null;
        if (slots.rewrite != null) {
            rewritten = slots.rewrite.apply(request);
            if (rewritten == null) {
                return BAD_REWRITE;
            }
        }
        if (slots.upstreamHost != null && !slots.upstreamHost.set(context)) {
            return NO_HOST;
        }
        if (rewritten != null && rewritten.forwardedPrefix() != null) {
            context.setUpstreamHeader("x-forwarded-prefix", rewritten.forwardedPrefix());
        }
        Target target = target(request);
        if (target == null) {
            return NOWHERE;
        }
        return new Dispatch.Forward(
                rewritten == null ? null : rewritten.path(),
                rewritten == null ? null : rewritten.query(),
                target.select(request),
                target.transports().of(request));
    }

    /** A session's backend first; then the canary's rule, while the canary has endpoints. */
    private @Nullable Target target(Request request) {
        Target primary = slots.primary;
        Target canary = slots.canaryTarget;
        if (canary == null || slots.canary == null || canary.backend().usable() == 0) {
            return primary;
        }
        if (canary.sessions() != null) {
            if (primary != null && primary.owns(request)) {
                return primary;
            }
            if (canary.owns(request)) {
                return canary;
            }
        }
        return slots.canary.chooses(request) ? canary : primary;
    }

    @Override
    public @Nullable Dispatch withoutEndpoint(PolicyContext context) {
        return slots.fallback == null ? null : errorBackend(slots.fallback, 503, null, context);
    }

    @Override
    public @Nullable Dispatch interceptStatus(int status, PolicyContext context) {
        return slots.errorPages == null || !slots.errorStatuses.contains(status)
                ? null
                : errorBackend(slots.errorPages, status, "/", context);
    }

    private @Nullable Dispatch errorBackend(
            Backend backend, int status, @Nullable String path, PolicyContext context) {
        if (backend.usable() == 0) {
            return null;
        }
        ErrorReport.set(status, route.origin(), context);
        return new Dispatch.Forward(
                path, null, Balancing.of(ROUND_ROBIN, backend, chance), Transport.PLAIN);
    }

    @Override
    public void respond(int status, PolicyContext context) {
        if (!respondsWithHeaders) {
            return;
        }
        if (slots.strictTransport != null) {
            slots.strictTransport.respond(context);
        }
        if (slots.crossOrigin != null) {
            slots.crossOrigin.respond(context);
        }
    }

    @Override
    public @Nullable String clientPolicy() {
        return clientPolicy;
    }

    @Override
    public long bodyLimit() {
        return bodyLimit;
    }

    @Override
    public Timeouts timeouts() {
        return timeouts;
    }

    @Override
    public RetryRule retry() {
        return retry;
    }

    @Override
    public boolean keepRepeatedSlashes() {
        return keepRepeatedSlashes;
    }
}
