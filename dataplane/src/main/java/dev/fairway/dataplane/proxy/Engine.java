package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.observe.ExchangeSink;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What every connection of a server shares. Immutable but for {@link #draining}, which goes from
 * false to true once.
 *
 * @param loops all of them once the server has begun; safe to read on any of them
 * @param generations one volatile read; null: no snapshot yet
 */
record Engine(
        Supplier<@Nullable Generation> generations,
        ExchangeSink sink,
        ServerTls serverTls,
        UpstreamTls upstreamTls,
        ProxyLimits limits,
        TransportKind transport,
        LimitCounters counters,
        Connections connections,
        Overload overload,
        DrainState drain,
        List<Loop> loops) {

    /** Settings of the active generation. */
    Settings settings() {
        Generation generation = generations.get();
        return generation == null ? Settings.DEFAULTS : generation.settings();
    }

    void fire(Limit limit) {
        counters.fire(limit);
    }

    boolean draining() {
        return drain.begun;
    }

    /** Whether this process is leaving. */
    static final class DrainState {
        volatile boolean begun;
    }
}
