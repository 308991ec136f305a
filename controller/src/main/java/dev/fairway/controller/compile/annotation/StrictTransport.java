package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import java.time.Duration;
import java.util.List;

/** The {@code hsts} keys of the ConfigMap, on hosts that ask for TLS. */
final class StrictTransport implements Feature {
    private static final Duration YEAR = Duration.ofSeconds(31_536_000);

    private static final Setting<Boolean> ON = Setting.config("hsts", Grammars.BOOL);
    private static final Setting<Duration> MAX_AGE = Setting.config("hsts-max-age", longSeconds());
    private static final Setting<Boolean> SUBDOMAINS =
            Setting.config("hsts-include-subdomains", Grammars.BOOL);
    private static final Setting<Boolean> PRELOAD = Setting.config("hsts-preload", Grammars.BOOL);

    private static Grammar<Duration> longSeconds() {
        Grammar<Long> number = Grammars.wide(0, 10L * 366 * 24 * 3600);
        return new Grammar<>(
                "a whole number of seconds", text -> number.read(text).map(Duration::ofSeconds));
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(ON, MAX_AGE, SUBDOMAINS, PRELOAD);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        if (!location.place().asksForTls() || !annotations.read(ON).orElse(true)) {
            return;
        }
        location.add(
                new Policy.Hsts(
                        annotations.read(MAX_AGE).orElse(YEAR),
                        annotations.read(SUBDOMAINS).orElse(location.around().compatible()),
                        annotations.read(PRELOAD).orElse(false)));
    }
}
