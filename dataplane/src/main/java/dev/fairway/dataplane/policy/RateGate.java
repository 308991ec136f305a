package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy.RateLimit;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.PolicyContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All rate limits of a route: a request is charged to each of them or to none (nginx's limit_req with
 * {@code nodelay}).
 */
final class RateGate {
    private final List<Limit> limits;
    private final LimiterRegistry registry;

    private record Limit(
            String key, long permits, long unitNanos, int burst, AddressSet exempt, int status) {}

    RateGate(List<RateLimit> policies, LimiterRegistry registry) {
        this.registry = registry;
        this.limits = policies.stream().map(RateGate::limit).toList();
    }

    private static Limit limit(RateLimit policy) {
        long unitNanos =
                switch (policy.unit()) {
                    case SECOND -> 1_000_000_000L;
                    case MINUTE -> 60_000_000_000L;
                };
        // Beyond this the level would overflow; it is days of burst.
        int burst = (int) Math.min(policy.burst(), Long.MAX_VALUE / 4 / unitNanos);
        return new Limit(
                "rate/" + policy.unit() + "/" + policy.id(),
                policy.permits(),
                unitNanos,
                burst,
                new AddressSet(policy.exempt()),
                policy.status());
    }

    @Nullable Answer check(PolicyContext context) {
        byte[] address = context.request().clientAddress();
        long now = registry.now();
        for (int i = 0; i < limits.size(); i++) {
            Limit limit = limits.get(i);
            if (limit.exempt.contains(address)) {
                continue;
            }
            long wait =
                    registry.bucket(ClientKey.of(limit.key, address))
                            .admit(now, limit.permits, limit.unitNanos, limit.burst);
            if (wait > 0) {
                refund(i, address);
                registry.countRejection();
                return refusal(limit.status, wait);
            }
        }
        return null;
    }

    private void refund(int charged, byte[] address) {
        for (Limit limit : limits.subList(0, charged)) {
            if (!limit.exempt.contains(address)) {
                registry.bucket(ClientKey.of(limit.key, address)).refund(limit.unitNanos);
            }
        }
    }

    /** RFC 6585 section 4: 429 says when to come back. */
    private static Answer refusal(int status, long waitNanos) {
        long seconds = Math.max(1, Math.ceilDiv(waitNanos, 1_000_000_000L));
        List<Header> headers =
                status == 429
                        ? List.of(new Header("Retry-After", Long.toString(seconds)))
                        : List.of();
        return new Answer(status, headers, "Too many requests.", "rate-limited");
    }
}
