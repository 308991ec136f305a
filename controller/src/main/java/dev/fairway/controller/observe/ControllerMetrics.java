package dev.fairway.controller.observe;

import dev.fairway.controller.compile.ClusterState;
import dev.fairway.controller.compile.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Everything the controller counts. Labels are of closed sets: codes and kinds. Thread-safe. */
public final class ControllerMetrics {

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private final Timer compile;
    private final Timer propagation;
    private final Counter publications;
    private final Counter unchanged;
    private final Counter failures;
    private final Counter held;
    private final Counter stale;
    private final Counter healed;
    private final Counter eventsDropped;
    private final MultiGauge problems;
    private final MultiGauge objects;
    private final AtomicLong epoch = new AtomicLong();
    private final AtomicLong sequence = new AtomicLong();

    public ControllerMetrics() {
        compile =
                Timer.builder("fairway_controller_compile")
                        .description("Cluster objects to snapshot")
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofMillis(1))
                        .maximumExpectedValue(Duration.ofSeconds(10))
                        .register(registry);
        propagation =
                Timer.builder("fairway_controller_propagation")
                        .description("First notice of a change to manifest written")
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofMillis(10))
                        .maximumExpectedValue(Duration.ofSeconds(60))
                        .register(registry);
        publications = counter("publications", "Manifests written");
        unchanged = counter("rounds_unchanged", "Rounds whose result was published already");
        failures = counter("publish_failures", "Rounds that failed and are tried again");
        held = counter("shrinks_held", "Rounds held because much would disappear");
        stale = counter("views_stale", "Rounds held because caches were older than the manifest");
        healed = counter("carrier_looks", "Looks whether what is published is still there");
        eventsDropped = counter("events_delayed", "Events delayed by the limit of their namespace");
        problems =
                MultiGauge.builder("fairway_controller_problems")
                        .description("Problems by code")
                        .register(registry);
        objects =
                MultiGauge.builder("fairway_controller_objects")
                        .description("Objects read, by kind")
                        .register(registry);
        registry.gauge("fairway_controller_epoch", epoch, AtomicLong::doubleValue);
        registry.gauge("fairway_controller_sequence", sequence, AtomicLong::doubleValue);
    }

    private Counter counter(String name, String description) {
        return Counter.builder("fairway_controller_" + name)
                .description(description)
                .register(registry);
    }

    public void compiled(ClusterState state, List<Problem> now, Duration took) {
        compile.record(took);
        Map<String, Long> codes =
                now.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Problem::code, TreeMap::new, Collectors.counting()));
        problems.register(rows("code", codes), true);
        objects.register(
                rows(
                        "kind",
                        Map.of(
                                "Ingress", (long) state.ingresses().size(),
                                "IngressClass", (long) state.classes().size(),
                                "Service", (long) state.services().size(),
                                "EndpointSlice", (long) state.slices().size(),
                                "Secret", (long) state.secrets().size())),
                true);
    }

    /** The leader gauge from now on. */
    public void leading(BooleanSupplier leading) {
        Gauge.builder("fairway_controller_leader", leading, l -> l.getAsBoolean() ? 1 : 0)
                .description("1 while this replica leads")
                .strongReference(true)
                .register(registry);
    }

    private static List<MultiGauge.Row<?>> rows(String label, Map<String, Long> values) {
        return values.entrySet().stream()
                .<MultiGauge.Row<?>>map(
                        e -> MultiGauge.Row.of(Tags.of(label, e.getKey()), e.getValue()))
                .toList();
    }

    public void published(long atEpoch, long atSequence, Duration sinceNotice) {
        publications.increment();
        propagation.record(sinceNotice);
        epoch.set(atEpoch);
        sequence.set(atSequence);
    }

    public void unchanged() {
        unchanged.increment();
    }

    public void failed() {
        failures.increment();
    }

    public void shrinkHeld() {
        held.increment();
    }

    public void staleView() {
        stale.increment();
    }

    public void lookedAtCarrier() {
        healed.increment();
    }

    /**
     * The API server refused a call or wasn't there.
     *
     * @param status of HTTP; 0: no answer
     */
    public void apiError(int status) {
        Counter.builder("fairway_controller_api_errors")
                .description("Failed calls of the API server, by HTTP status; 0: no answer")
                .tag("status", Integer.toString(status))
                .register(registry)
                .increment();
    }

    public void eventDelayed() {
        eventsDropped.increment();
    }

    /** Prometheus's text form. */
    String text() {
        return registry.scrape();
    }
}
