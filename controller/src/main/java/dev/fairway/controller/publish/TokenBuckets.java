package dev.fairway.controller.publish;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * So many writes at once and so many a second, for each namespace: one tenant's churn must not eat
 * the API server's patience with all (attack A18). Used by one thread.
 */
final class TokenBuckets {

    private static final long SECOND = 1_000_000_000L;

    /** Full buckets beyond this many are forgotten; they come back full. */
    private static final int REMEMBERED = 4_096;

    private final double perSecond;
    private final double burst;
    private final LongSupplier nanos;
    private final Map<String, Bucket> buckets = new HashMap<>();

    private record Bucket(double tokens, long at) {}

    TokenBuckets(double perSecond, double burst, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanos = nanos;
    }

    boolean take(String namespace) {
        long now = nanos.getAsLong();
        double tokens = tokens(buckets.getOrDefault(namespace, new Bucket(burst, now)), now);
        boolean granted = tokens >= 1;
        if (buckets.size() >= REMEMBERED) {
            buckets.values().removeIf(bucket -> tokens(bucket, now) >= burst);
        }
        buckets.put(namespace, new Bucket(granted ? tokens - 1 : tokens, now));
        return granted;
    }

    private double tokens(Bucket bucket, long now) {
        return Math.min(burst, bucket.tokens() + (double) (now - bucket.at()) / SECOND * perSecond);
    }
}
