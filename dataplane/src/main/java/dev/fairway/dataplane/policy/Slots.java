package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy;
import dev.fairway.dataplane.balance.Backend;
import dev.fairway.dataplane.message.Answer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A compiled route's policies, one slot for each kind. Filled by {@link PlanCompiler} and never
 * written again after the route is made.
 */
final class Slots {
    /** The route only redirects. */
    @Nullable LocalRedirection elsewhere;

    @Nullable HttpsRedirection httpsRedirection;
    @Nullable CrossOrigin crossOrigin;

    /** Set when the route must not be served: answered instead of everything below. */
    @Nullable Answer refusal;

    @Nullable ClientGate clients;
    @Nullable ConnectionGate connections;
    @Nullable RateGate rates;
    @Nullable Access access;

    long bodyLimit = Long.MAX_VALUE;
    Policy.@Nullable Timeouts timeouts;

    /** Answered instead of forwarding. */
    @Nullable Answer redirect;

    @Nullable PathRewrite rewrite;
    @Nullable UpstreamHost upstreamHost;
    @Nullable Target primary;
    @Nullable CanaryRule canary;
    @Nullable Target canaryTarget;
    @Nullable RetryRule retry;

    @Nullable Backend fallback;
    @Nullable Backend errorPages;
    Set<Integer> errorStatuses = Set.of();

    @Nullable StrictTransport strictTransport;
    boolean keepRepeatedSlashes;
}
