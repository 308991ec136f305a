package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One loop's requests that wait for their clients. When places at an endpoint are needed, those of the
 * client address that has the most of them give way, the slowest first (attack ledger F1, C9): else who
 * sends or takes a byte a second keeps out everybody. Owned by its loop.
 */
final class ClientWaits {
    /** So large a part of an endpoint's places is freed at once, that who needs one seldom looks. */
    private static final int PART = 32;

    private static final long ASKED_AGAIN_NANOS = 10_000_000;

    private final Engine engine;
    private final Loop loop;
    private @Nullable ClientWait first;
    private long asked = System.nanoTime() - ASKED_AGAIN_NANOS;

    ClientWaits(Engine engine, Loop loop) {
        this.engine = engine;
        this.loop = loop;
    }

    void add(ClientWait wait) {
        ClientWait next = first;
        wait.after = next;
        if (next != null) {
            next.before = wait;
        }
        first = wait;
    }

    void remove(ClientWait wait) {
        ClientWait before = wait.before;
        ClientWait after = wait.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after != null) {
            after.before = before;
        }
        wait.before = null;
        wait.after = null;
    }

    /**
     * Whether there is a place for a request of this address now, perhaps because others gave way.
     *
     * @param upload among those whose bodies are on their way
     */
    boolean placeFor(Connections.Source newcomer, Endpoint endpoint, boolean upload) {
        if (free(endpoint, upload) <= 0) {
            makeRoom(newcomer, endpoint, upload);
        }
        if (free(endpoint, upload) > 0) {
            return true;
        }
        askOthers(newcomer, endpoint, upload);
        return false;
    }

    private int free(Endpoint endpoint, boolean upload) {
        ProxyLimits.Upstream limits = engine.limits().upstream();
        int taken = upload ? endpoint.uploads() : endpoint.load(limits.stalledPerEndpoint());
        return limits.requestsPerEndpoint() - taken;
    }

    /** Whom one loop's newcomers need a place of may be on another. */
    private void askOthers(Connections.Source newcomer, Endpoint endpoint, boolean upload) {
        if (loop.now() - asked < ASKED_AGAIN_NANOS) {
            return;
        }
        asked = loop.now();
        for (Loop other : engine.loops()) {
            if (other != loop) {
                other.execute(() -> {
                    if (free(endpoint, upload) <= 0) {
                        other.waits().makeRoom(newcomer, endpoint, upload);
                    }
                });
            }
        }
    }

    private void makeRoom(Connections.Source newcomer, Endpoint endpoint, boolean upload) {
        ProxyLimits.Upstream limits = engine.limits().upstream();
        int wanted = Math.max(1, limits.requestsPerEndpoint() / PART);
        if (!upload) {
            // The others have places of their own, which are of no use to who needs one.
            wanted = Math.min(wanted, endpoint.stalled() - limits.stalledPerEndpoint());
        }
        if (wanted > 0) {
            Limit limit = upload ? Limit.UPLOAD_PLACES : Limit.STALLED_PLACES;
            for (ClientWait worst : worst(newcomer, endpoint, upload, wanted)) {
                engine.fire(limit);
                worst.giveWay();
            }
        }
    }

    private List<ClientWait> worst(
            Connections.Source newcomer, Endpoint endpoint, boolean upload, int wanted) {
        List<ClientWait> there = new ArrayList<>();
        List<Connections.Source> sources = new ArrayList<>();
        Map<Connections.Source, Integer> counts = new HashMap<>();
        for (ClientWait wait = first; wait != null; wait = wait.after) {
            if (wait.holds(endpoint, upload)) {
                Connections.Source source = wait.source();
                there.add(wait);
                sources.add(source);
                counts.merge(source, 1, Integer::sum);
            }
        }
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        boolean unfair = most > counts.getOrDefault(newcomer, 0);
        long now = loop.now();
        int pace = engine.limits().client().bodyBytesPerSecond();
        List<ClientWait> worst = new ArrayList<>();
        for (int i = 0; i < there.size(); i++) {
            ClientWait wait = there.get(i);
            // A loop sees its own part of an address's: what is nearly the most is as much.
            boolean greedy = unfair && counts.getOrDefault(sources.get(i), 0) * 2 > most;
            if (greedy || wait.slow(now, pace)) {
                worst.add(wait);
            }
        }
        worst.sort(Comparator.comparingDouble((ClientWait wait) -> wait.slowness(now)).reversed());
        return worst.subList(0, Math.min(wanted, worst.size()));
    }

    /** Memory is short: what was not taken for so long is not going to be. */
    void endStalled(long nanos) {
        long now = loop.now();
        for (ClientWait wait = first; wait != null; wait = wait.after) {
            if (wait.stalledFor(nanos, now)) {
                engine.fire(Limit.PRESSURE_STALL);
                wait.giveWay();
            }
        }
    }
}
