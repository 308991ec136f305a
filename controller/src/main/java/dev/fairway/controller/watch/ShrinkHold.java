package dev.fairway.controller.watch;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints.EndpointSet;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.VirtualHost;
import dev.fairway.controller.compile.Compilation;
import dev.fairway.controller.compile.Retained;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Holds back what looks like an accident: a snapshot in which much of the last one is missing. It
 * is let through once a consistent list confirms it, or after a while. Used by the loop's thread.
 */
final class ShrinkHold {

    /** Fewer lost hosts than this are never held: small clusters change by large parts. */
    static final int HOSTS = 20;

    /** Lost hosts in a hundred. */
    static final int HOSTS_PERCENT = 30;

    /** So many services that lose over half of their endpoints at once. */
    static final int SERVICES = 10;

    static final Duration AT_MOST = Duration.ofSeconds(30);

    private final LongSupplier nanos;
    private boolean holding;
    private long since;

    ShrinkHold(LongSupplier nanos) {
        this.nanos = nanos;
    }

    interface Confirmation {
        boolean confirmed();
    }

    /** Why the compilation must wait; empty: publish it. */
    Optional<String> hold(Retained last, Compilation next, Confirmation list) {
        Optional<String> shrink = shrink(last, next);
        if (shrink.isEmpty()) {
            holding = false;
            return Optional.empty();
        }
        if (!holding) {
            holding = true;
            since = nanos.getAsLong();
        }
        if (nanos.getAsLong() - since >= AT_MOST.toNanos() || list.confirmed()) {
            holding = false;
            return Optional.empty();
        }
        return shrink;
    }

    static Optional<String> shrink(Retained last, Compilation next) {
        Set<HostMatch> before = hosts(last.snapshot().hosts());
        Set<HostMatch> lost = new HashSet<>(before);
        lost.removeAll(hosts(next.snapshot().hosts()));
        if (lost.size() >= HOSTS && lost.size() * 100 > before.size() * HOSTS_PERCENT) {
            return Optional.of(lost.size() + " of " + before.size() + " hosts would disappear");
        }
        Map<BackendId, Integer> now =
                next.endpoints().sets().stream()
                        .collect(Collectors.toMap(EndpointSet::backend, s -> s.endpoints().size()));
        long halved =
                last.endpoints().sets().stream()
                        .filter(s -> !s.endpoints().isEmpty())
                        .filter(s -> now.getOrDefault(s.backend(), 0) * 2 < s.endpoints().size())
                        .count();
        return halved >= SERVICES
                ? Optional.of(halved + " services would lose over half of their endpoints")
                : Optional.empty();
    }

    private static Set<HostMatch> hosts(Iterable<VirtualHost> all) {
        Set<HostMatch> hosts = new HashSet<>();
        all.forEach(host -> hosts.add(host.host()));
        return hosts;
    }
}
