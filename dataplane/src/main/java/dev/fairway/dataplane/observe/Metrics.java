package dev.fairway.dataplane.observe;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.util.internal.PlatformDependent;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The process's meters, in Prometheus' text form. Nothing here is touched by a request. */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry meters;
    // Weakly held by Micrometer: a counter's source must stay reachable.
    private final List<LongSupplier> sources = new ArrayList<>();
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /**
     * @param expiries when each server name's certificate ends, Unix time
     */
    public Metrics(Journal journal, SnapshotStatus status, Supplier<Map<String, Long>> expiries) {
        PrometheusRegistry registry = new PrometheusRegistry();
        meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, registry, Clock.SYSTEM);
        registry.register(new TrafficCollector(journal, status, expiries));
        gauge(
                "fairway.snapshot.epoch",
                "Epoch of the active snapshot.",
                () -> active(status).epoch());
        gauge(
                "fairway.snapshot.sequence",
                "Sequence of the active snapshot.",
                () -> active(status).sequence());
        gauge(
                "fairway.snapshot.active.since.seconds",
                "When the active snapshot became active, in Unix time.",
                () -> active(status).since().getEpochSecond());
        gauge(
                "fairway.direct.memory.bytes",
                "Direct memory in Netty's hands.",
                () -> Math.max(0, PlatformDependent.usedDirectMemory()));
        process(meters);
    }

    /** A value that goes up and down. */
    public void gauge(String name, String help, LongSupplier value) {
        sources.add(value);
        Gauge.builder(name, value, LongSupplier::getAsLong).description(help).register(meters);
    }

    /** A count that only rises; one label. */
    public void counter(
            String name, String help, String label, String labelValue, LongSupplier count) {
        sources.add(count);
        FunctionCounter.builder(name, count, LongSupplier::getAsLong)
                .description(help)
                .tag(label, labelValue)
                .register(meters);
    }

    /** A count that only rises. */
    public void counter(String name, String help, LongSupplier count) {
        sources.add(count);
        FunctionCounter.builder(name, count, LongSupplier::getAsLong)
                .description(help)
                .register(meters);
    }

    String scrape() {
        return meters.scrape();
    }

    @Override
    public void close() {
        collections.close();
        meters.close();
    }

    private void process(MeterRegistry registry) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    private static SnapshotStatus.Active active(SnapshotStatus status) {
        SnapshotStatus.Active active = status.active();
        return active == null ? SnapshotStatus.Active.NONE : active;
    }
}
