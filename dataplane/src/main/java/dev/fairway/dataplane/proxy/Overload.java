package dev.fairway.dataplane.proxy;

import java.util.ArrayList;
import java.util.List;

/**
 * Looks at memory and sets the {@link Pressure} that all loops go by. Sampled on one loop; read on all
 * of them.
 */
final class Overload {
    static final long SAMPLE_NANOS = 100_000_000;

    /** How many connections a loop cuts for each sample: the next one shows whether it was enough. */
    private static final int CUT_AT_ONCE = 16;

    private final MemoryGauge gauge;
    private final Connections connections;
    private final LimitCounters counters;
    private volatile Pressure stage = Pressure.NONE;

    Overload(MemoryGauge gauge, Connections connections, LimitCounters counters) {
        this.gauge = gauge;
        this.connections = connections;
        this.counters = counters;
    }

    Pressure stage() {
        return stage;
    }

    boolean atLeast(Pressure other) {
        return stage.atLeast(other);
    }

    /** One thread only. */
    void sample() {
        Pressure before = stage;
        Pressure now = before.next(gauge.share());
        if (now == before) {
            return;
        }
        stage = now;
        boolean stop = now.atLeast(Pressure.STOP_ACCEPTING);
        if (stop && !before.atLeast(Pressure.STOP_ACCEPTING)) {
            counters.fire(Limit.PRESSURE_ACCEPT);
        }
        connections.pressed(stop);
    }

    /** What a loop does about it with each of its own samples. On that loop. */
    void relieve(Iterable<Downstream> clients, ClientWaits waits, long idleSince, long stallNanos) {
        Pressure now = stage;
        if (now == Pressure.NONE) {
            return;
        }
        waits.endStalled(now.atLeast(Pressure.NO_KEEP_ALIVE) ? stallNanos / 5 : stallNanos);
        List<Downstream> largest = new ArrayList<>();
        long most = 0;
        for (Downstream client : clients) {
            most = Math.max(most, client.heldBytes());
            largest.add(client);
        }
        boolean cut = now == Pressure.CUT_LARGEST && most > 0;
        int left = cut ? CUT_AT_ONCE : 0;
        for (Downstream client : largest) {
            if (client.closeIfIdle(idleSince)) {
                counters.fire(Limit.PRESSURE_IDLE);
            } else if (left > 0 && client.heldBytes() > most / 2) {
                left--;
                counters.fire(Limit.PRESSURE_CUT);
                client.cut();
            }
        }
    }
}
