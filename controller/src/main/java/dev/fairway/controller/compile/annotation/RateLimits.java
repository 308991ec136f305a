package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Policy.RateLimit.Unit;
import java.util.List;
import java.util.Optional;

/**
 * {@code limit-rps}, {@code limit-rpm}, {@code limit-connections} and what goes with them: per
 * client address, shared by the paths of one Ingress. 0 switches a limit off.
 */
final class RateLimits implements Feature {
    private static final int BURST_MULTIPLIER = 5;
    private static final int NATIVE_STATUS = 429;
    private static final int COMPATIBLE_STATUS = 503;
    private static final Grammar<Integer> COUNT = Grammars.number(0, 1_000_000);

    /** {@code 10/s} or {@code 600/m}. */
    private record Rate(int permits, Unit unit) {}

    private static final Setting<Integer> PER_SECOND = Setting.of("limit-rps", COUNT);
    private static final Setting<Integer> PER_MINUTE = Setting.of("limit-rpm", COUNT);
    private static final Setting<Integer> IN_FLIGHT = Setting.of("limit-connections", COUNT);
    private static final Setting<Rate> RATE =
            Setting.own(
                    "rate-limit", new Grammar<>("a rate such as 10/s or 600/m", RateLimits::rate));
    private static final Setting<Integer> MULTIPLIER =
            Setting.of("limit-burst-multiplier", Grammars.number(1, 1000));
    private static final Setting<List<Cidr>> EXEMPT =
            Setting.of("limit-allowlist", Grammars.CIDRS).alias("limit-whitelist");
    private static final Setting<Integer> RATE_STATUS =
            Setting.config("limit-req-status-code", Grammars.number(400, 599));
    private static final Setting<Integer> CONNECTION_STATUS =
            Setting.config("limit-conn-status-code", Grammars.number(400, 599));

    private static Optional<Rate> rate(String text) {
        if (Grammars.matching(text, "[1-9][0-9]{0,5}/[sm]").isEmpty()) {
            return Optional.empty();
        }
        int permits = Integer.parseInt(text.substring(0, text.length() - 2));
        return Optional.of(new Rate(permits, text.endsWith("s") ? Unit.SECOND : Unit.MINUTE));
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(
                PER_SECOND,
                PER_MINUTE,
                IN_FLIGHT,
                RATE,
                MULTIPLIER,
                EXEMPT,
                RATE_STATUS,
                CONNECTION_STATUS);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        int multiplier = annotations.read(MULTIPLIER).orElse(BURST_MULTIPLIER);
        List<Cidr> exempt =
                annotations.read(EXEMPT).orElse(List.of()).stream().distinct().sorted().toList();
        int unsaid = location.around().compatible() ? COMPATIBLE_STATUS : NATIVE_STATUS;
        int status = annotations.read(RATE_STATUS).orElse(unsaid);
        int perSecond = annotations.read(PER_SECOND).orElse(0);
        int perMinute = annotations.read(PER_MINUTE).orElse(0);
        if (perSecond > 0) {
            add(location, "rps", new Rate(perSecond, Unit.SECOND), multiplier, exempt, status);
        }
        if (perMinute > 0) {
            add(location, "rpm", new Rate(perMinute, Unit.MINUTE), multiplier, exempt, status);
        }
        annotations
                .read(RATE)
                .ifPresent(rate -> add(location, "rate", rate, multiplier, exempt, status));
        int inFlight = annotations.read(IN_FLIGHT).orElse(0);
        if (inFlight > 0) {
            location.add(
                    new Policy.ConnectionLimit(
                            id(location, "connections"),
                            inFlight,
                            exempt,
                            annotations.read(CONNECTION_STATUS).orElse(unsaid)));
        }
    }

    private static void add(
            Location location,
            String name,
            Rate rate,
            int multiplier,
            List<Cidr> exempt,
            int status) {
        location.add(
                new Policy.RateLimit(
                        id(location, name),
                        rate.permits(),
                        rate.unit(),
                        rate.permits() * multiplier,
                        exempt,
                        status));
    }

    private static String id(Location location, String name) {
        return location.place().namespace() + "/" + location.place().ingress() + "/" + name;
    }
}
