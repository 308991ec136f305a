import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What the project asks of itself: the most a ratio to a peer may be, and a few figures by themselves. */
final class Bars {
    private Bars() {}

    private static final Map<String, Double> NGINX = Map.ofEntries(
            Map.entry("h1-128", 0.85), Map.entry("h1-10-headers", 0.85), Map.entry("h1-100k", 1.0), Map.entry("post-10k", 0.80),
            Map.entry("tls-128", 0.82), Map.entry("tls-100k", 0.70), Map.entry("handshake-full", 0.85), Map.entry("h2-128", 0.60),
            Map.entry("h2-10-headers", 0.60), Map.entry("open-10k", 1.2));
    private static final Map<String, Double> HAPROXY = Map.of(
            "h1-128", 0.80, "h1-10-headers", 0.80, "h1-100k", 0.70, "post-10k", 0.80, "tls-128", 0.75, "tls-100k", 0.65, "handshake-full", 0.80,
            "h2-128", 0.70, "h2-10-headers", 0.70);
    private static final double MORE_ROUTES = 1.1;

    /** Of figures by themselves. */
    record Absolute(String scenario, Metric metric, double most) {}

    static final List<Absolute> ABSOLUTE = List.of(
            new Absolute("idle-plain", Metric.PER_CONNECTION, 4), new Absolute("idle-tls", Metric.PER_CONNECTION, 14),
            new Absolute("idle-plain", Metric.BASE, 110), new Absolute("start", Metric.START, 800));

    static OptionalDouble of(Scenario scenario, String other) {
        Double bar = switch (other) {
            case "nginx" -> NGINX.get(scenario.name());
            case "haproxy" -> HAPROXY.get(scenario.name());
            case "envoy", "traefik" -> scenario instanceof Traffic ? Double.valueOf(1.0) : null;
            default -> scenario.name().equals("routes-10000") && other.startsWith("fairway, 10 ") ? Double.valueOf(MORE_ROUTES) : null;
        };
        return bar == null ? OptionalDouble.empty() : OptionalDouble.of(bar);
    }
}
