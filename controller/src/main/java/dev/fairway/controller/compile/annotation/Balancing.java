package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import dev.fairway.contract.Policy.LoadBalance.Algorithm;
import dev.fairway.contract.Template;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code load-balance}, {@code slow-start} and {@code upstream-hash-by*}. Per route, where ingress-nginx lets the oldest
 * Ingress decide for every user of a Service. A hash beats the algorithm; affinity beats both, in
 * the data plane.
 */
final class Balancing implements Feature {
    private static final int SUBSET = 3;

    private static final Setting<Algorithm> ALGORITHM =
            Setting.of(
                            "load-balance",
                            Grammars.oneOf(
                                    Map.of(
                                            "round_robin", Algorithm.ROUND_ROBIN,
                                            "ewma", Algorithm.EWMA)))
                    .withConfig("load-balance")
                    .withTwin(
                            "load-balance",
                            Grammars.oneOf(
                                    Map.of(
                                            "round-robin", Algorithm.ROUND_ROBIN,
                                            "least-requests", Algorithm.LEAST_REQUESTS,
                                            "ewma", Algorithm.EWMA)));
    private static final Setting<Duration> SLOW_START =
            Setting.own("slow-start", Grammars.STRICT_DURATION);
    private static final Setting<Template> HASH_BY =
            Setting.of("upstream-hash-by", Grammars.TEMPLATE);
    private static final Setting<Boolean> SUBSETS =
            Setting.of("upstream-hash-by-subset", Grammars.BOOL);
    private static final Setting<Integer> SUBSET_SIZE =
            Setting.of("upstream-hash-by-subset-size", Grammars.number(1, 10_000));

    @Override
    public List<Setting<?>> settings() {
        return List.of(ALGORITHM, SLOW_START, HASH_BY, SUBSETS, SUBSET_SIZE);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        Algorithm algorithm = annotations.read(ALGORITHM).orElse(Algorithm.ROUND_ROBIN);
        Optional<Duration> slowStart = annotations.read(SLOW_START);
        if (algorithm != Algorithm.ROUND_ROBIN || slowStart.isPresent()) {
            location.add(new Policy.LoadBalance(algorithm, slowStart));
        }
        Optional<Template> key = annotations.read(HASH_BY);
        boolean subsets = annotations.read(SUBSETS).orElse(false);
        int size = annotations.read(SUBSET_SIZE).orElse(SUBSET);
        key.ifPresent(k -> location.add(new Policy.HashBy(k, subsets ? size : 0)));
    }
}
