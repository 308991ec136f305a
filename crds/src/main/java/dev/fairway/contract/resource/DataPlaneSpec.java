package dev.fairway.contract.resource;

import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator declares. Everything is optional; what is absent comes from the ConfigMap, then
 * from the controller's flags, then from the built-in defaults.
 *
 * <p>The bounds are what lets the API server estimate the cost of the rule, and so accept it.
 *
 * @param listeners where traffic enters; absent: http on 80 and https on 443
 * @param config ingress-nginx's ConfigMap keys, which win over the ConfigMap's own
 */
@ValidationRule(
        value =
                "!has(self.listeners) || self.listeners.all(l, self.listeners.exists_one(o, o.name == l.name))",
        message = "listener names must differ")
public record DataPlaneSpec(
        @Size(max = 16) @Nullable List<ListenerSpec> listeners,
        @Nullable Map<String, String> config) {

    /**
     * @param name what the process maps to a bind address
     * @param port the public port
     * @param protocol HTTP or HTTPS
     */
    public record ListenerSpec(
            @Required @Size(max = 63) @Pattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$") String name,
            @Required @Min(1) @Max(65535) int port,
            @Required Protocol protocol) {}

    public enum Protocol {
        HTTP,
        HTTPS
    }
}
