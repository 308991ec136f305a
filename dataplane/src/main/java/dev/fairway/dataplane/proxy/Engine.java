package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.contract.Settings.UpstreamKeepAlive;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.observe.ExchangeSink;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

    private static final UpstreamKeepAlive NOTHING_SAID =
            new UpstreamKeepAlive(Optional.empty(), Optional.empty());

    /** Settings of the active generation. */
    Settings settings() {
        Generation generation = generations.get();
        return generation == null ? Settings.DEFAULTS : generation.settings();
    }

    /** How large a request head may be: as the snapshot says, else the process. */
    HeadLimits head(Settings settings) {
        HeadLimits own = limits.client().head();
        return settings.requestHeads()
                .map(said -> new HeadLimits(said.lineBytes(), said.headBytes(), own.fields()))
                .orElse(own);
    }

    /** How many unused connections a loop keeps to an endpoint. */
    int idlePerEndpoint() {
        Optional<Integer> said = settings().upstreamKeepAlive().orElse(NOTHING_SAID).connections();
        return said.isPresent() ? said.get() : limits.upstream().idlePerEndpoint();
    }

    /** @param own what the process says of how long an unused one is kept */
    long idleNanos(Duration own) {
        UpstreamKeepAlive said = settings().upstreamKeepAlive().orElse(NOTHING_SAID);
        return said.idle().orElse(own).toNanos();
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
