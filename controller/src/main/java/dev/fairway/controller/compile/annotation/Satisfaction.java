package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import java.util.List;
import java.util.Map;

/** {@code satisfy}: whether an address list or an authentication is enough. */
final class Satisfaction implements Feature {
    private static final Setting<Boolean> ANY =
            Setting.of("satisfy", Grammars.oneOf(Map.of("any", true, "all", false))).guarding();

    @Override
    public List<Setting<?>> settings() {
        return List.of(ANY);
    }

    @Override
    public void compile(Location location) {
        if (location.annotations().read(ANY).orElse(false)) {
            location.add(new Policy.SatisfyAny());
        }
    }
}
