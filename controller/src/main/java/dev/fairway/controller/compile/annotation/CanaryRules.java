package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import dev.fairway.controller.compile.ProblemCode;
import java.util.List;
import java.util.Optional;

/**
 * {@code canary} and {@code canary-*}: on a path of a canary Ingress, the policy that its primary
 * gets. Header, then cookie, then weight.
 */
public final class CanaryRules implements Feature {
    private static final int TOTAL = 100;

    private static final Setting<Boolean> CANARY = Setting.of("canary", Grammars.BOOL);
    private static final Setting<String> HEADER =
            Setting.of("canary-by-header", Grammars.HEADER_NAME);
    private static final Setting<String> VALUE =
            Setting.of(
                    "canary-by-header-value",
                    new Grammar<>(
                            "a header value", text -> Grammars.matching(text, "[ -~]{1,1000}")));
    private static final Setting<String> PATTERN =
            Setting.of("canary-by-header-pattern", Grammars.REGEX);
    private static final Setting<String> COOKIE =
            Setting.of("canary-by-cookie", Grammars.HEADER_NAME);
    private static final Setting<Integer> WEIGHT =
            Setting.of("canary-weight", Grammars.number(0, Integer.MAX_VALUE));
    private static final Setting<Integer> WEIGHT_TOTAL =
            Setting.of("canary-weight-total", Grammars.number(1, Integer.MAX_VALUE));

    public static boolean isCanary(Annotations annotations) {
        return annotations.readOwn(CANARY).orElse(false);
    }

    /** For the problem of a canary without a primary. */
    public static void withoutPrimary(Annotations annotations, String where) {
        annotations.report(
                ProblemCode.CANARY_WITHOUT_PRIMARY,
                CANARY,
                "finds no other Ingress with the host, path and pathType of "
                        + where
                        + "; it gets no traffic");
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(CANARY, HEADER, VALUE, PATTERN, COOKIE, WEIGHT, WEIGHT_TOTAL);
    }

    @Override
    public void compile(Location location) {}

    @Override
    public void compileCanary(Location location) {
        Annotations annotations = location.annotations();
        Optional<String> header = annotations.read(HEADER);
        Optional<String> value = annotations.read(VALUE);
        Optional<String> pattern = value.isPresent() ? Optional.empty() : annotations.read(PATTERN);
        if (value.isEmpty() && pattern.isEmpty() && annotations.says(PATTERN)) {
            // as in ingress-nginx: a pattern in error never matches, always and never mean nothing
            header = Optional.empty();
        }
        if (header.isEmpty() && (annotations.says(VALUE) || annotations.says(PATTERN))) {
            value = Optional.empty();
            pattern = Optional.empty();
        }
        Optional<String> cookie = annotations.read(COOKIE);
        // ingress-nginx takes a total of 100 or less as 100
        int total = Math.max(TOTAL, annotations.read(WEIGHT_TOTAL).orElse(TOTAL));
        int weight = annotations.read(WEIGHT).orElse(0);
        if (weight > total) {
            annotations.report(
                    ProblemCode.BAD_ANNOTATION,
                    WEIGHT,
                    "is more than the total of " + total + "; every request goes to the canary");
            weight = total;
        }
        if (location.place().backend().isPresent()) {
            location.add(
                    new Policy.Canary(
                            location.place().backend().get(),
                            header,
                            value,
                            pattern,
                            cookie,
                            weight,
                            total));
        }
    }
}
