package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.Policy;
import java.util.List;
import java.util.TreeSet;

/**
 * {@code allowlist-}, {@code whitelist-} and {@code denylist-source-range}. An annotation replaces
 * the ConfigMap's list; the ConfigMap's {@code block-cidrs} always holds.
 */
final class AddressLists implements Feature {
    private static final Setting<List<Cidr>> ALLOW =
            Setting.of("allowlist-source-range", Grammars.CIDRS)
                    .alias("whitelist-source-range")
                    .withConfig("whitelist-source-range")
                    .withTwin("allow-from", Grammars.CIDRS)
                    .guarding();
    private static final Setting<List<Cidr>> DENY =
            Setting.of("denylist-source-range", Grammars.CIDRS)
                    .withConfig("denylist-source-range")
                    .withTwin("deny-from", Grammars.CIDRS)
                    .guarding();
    private static final Setting<List<Cidr>> BLOCKED =
            Setting.config("block-cidrs", Grammars.CIDRS).guarding();

    @Override
    public List<Setting<?>> settings() {
        return List.of(ALLOW, DENY, BLOCKED);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        TreeSet<Cidr> allow = new TreeSet<>(annotations.read(ALLOW).orElse(List.of()));
        TreeSet<Cidr> deny = new TreeSet<>(annotations.read(DENY).orElse(List.of()));
        deny.addAll(annotations.readConfig(BLOCKED).orElse(List.of()));
        if (!allow.isEmpty() || !deny.isEmpty()) {
            location.add(new Policy.AddressRules(List.copyOf(allow), List.copyOf(deny)));
        }
    }
}
