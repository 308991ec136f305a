package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import dev.fairway.contract.Policy.Retry.On;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code proxy-next-upstream}, {@code -tries}, {@code -timeout}. */
final class Retries implements Feature {
    private static final int TRIES = 3;

    /** The words of nginx's directive; {@code off} must stand alone to mean anything. */
    private record Words(List<On> on, boolean nonIdempotent) {
        static final Words UNSAID = new Words(List.of(On.ERROR, On.TIMEOUT), false);
    }

    private static final Setting<Words> WHEN =
            Setting.of(
                            "proxy-next-upstream",
                            new Grammar<>(
                                    "a space-separated list of error, timeout, invalid_header, http_500, http_502, http_503, http_504, http_403, http_404, http_429, non_idempotent, or off",
                                    Retries::words))
                    .withConfig("proxy-next-upstream");
    private static final Setting<Integer> TRIES_IN_ALL =
            Setting.of("proxy-next-upstream-tries", Grammars.number(0, 1000))
                    .withConfig("proxy-next-upstream-tries");
    private static final Setting<Duration> TIMEOUT =
            Setting.of("proxy-next-upstream-timeout", Grammars.seconds(0))
                    .withConfig("proxy-next-upstream-timeout");
    private static final Setting<Boolean> NON_IDEMPOTENT =
            Setting.config("retry-non-idempotent", Grammars.BOOL);

    private static Optional<Words> words(String text) {
        EnumSet<On> on = EnumSet.noneOf(On.class);
        boolean nonIdempotent = false;
        boolean off = false;
        for (String word : text.split(" +", -1)) {
            switch (word) {
                case "off" -> off = true;
                case "non_idempotent" -> nonIdempotent = true;
                default -> {
                    Optional<On> one = condition(word);
                    if (one.isEmpty()) {
                        return Optional.empty();
                    }
                    on.add(one.get());
                }
            }
        }
        return Optional.of(new Words(off ? List.of() : new ArrayList<>(on), nonIdempotent));
    }

    private static Optional<On> condition(String word) {
        for (On on : On.values()) {
            if (on.name().toLowerCase(Locale.ROOT).equals(word)) {
                return Optional.of(on);
            }
        }
        return Optional.empty();
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(WHEN, TRIES_IN_ALL, TIMEOUT, NON_IDEMPOTENT);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        Words when = annotations.read(WHEN).orElse(Words.UNSAID);
        boolean nonIdempotent = annotations.read(NON_IDEMPOTENT).orElse(false);
        location.add(
                new Policy.Retry(
                        when.on(),
                        annotations.read(TRIES_IN_ALL).orElse(TRIES),
                        annotations.read(TIMEOUT).orElse(Duration.ZERO),
                        when.nonIdempotent() || nonIdempotent));
    }
}
