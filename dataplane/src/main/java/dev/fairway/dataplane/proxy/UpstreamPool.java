package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One loop's connections to backends that wait for a request: last in, first out, so that the rest age
 * and go. Keyed by endpoint and all that authenticates the connection. Owned by its loop; the gauges
 * read its counts from elsewhere.
 */
final class UpstreamPool {
    private static final long SWEEP_NANOS = 250_000_000;

    private final Loop loop;
    private final Engine engine;
    private final Map<Endpoint, Map<Transport, ArrayDeque<UpstreamHttp1Connection>>> idle =
            new HashMap<>();
    private final Map<Endpoint, Map<Transport, UpstreamHttp2Group>> groups = new HashMap<>();
    private long nextSweep = System.nanoTime();

    int idleCount;
    int activeCount;

    UpstreamPool(Loop loop, Engine engine) {
        this.loop = loop;
        this.engine = engine;
    }

    /**
     * @return a stream that may be used at once; null: there is none
     */
    @Nullable UpstreamStream take(Endpoint endpoint, Transport transport, long now) {
        if (transport.protocol() != Transport.Protocol.HTTP1) {
            Map<Transport, UpstreamHttp2Group> byTransport = groups.get(endpoint);
            UpstreamHttp2Group group = byTransport == null ? null : byTransport.get(transport);
            UpstreamStream stream = group == null ? null : group.take(now);
            if (stream != null || transport.protocol() == Transport.Protocol.HTTP2) {
                return stream;
            }
        }
        return idle(endpoint, transport, now);
    }

    /** An idle HTTP/1 connection that is alive as far as can be told; null: there is none. */
    private @Nullable UpstreamHttp1Connection idle(
            Endpoint endpoint, Transport transport, long now) {
        Map<Transport, ArrayDeque<UpstreamHttp1Connection>> byTransport = idle.get(endpoint);
        ArrayDeque<UpstreamHttp1Connection> stack =
                byTransport == null ? null : byTransport.get(transport);
        if (stack == null) {
            return null;
        }
        UpstreamHttp1Connection connection;
        while ((connection = stack.pollLast()) != null) {
            idleCount--;
            if (connection.alive(now)) {
                activeCount++;
                return connection;
            }
            engine.fire(Limit.UPSTREAM_STALE);
            connection.close();
        }
        return null;
    }

    /** A stream to come, mostly on a new connection; the waiter hears of it later. */
    UpstreamStream.Opening open(
            Endpoint endpoint, Transport transport, UpstreamStream.Waiter waiter) {
        if (transport.protocol() != Transport.Protocol.HTTP1) {
            return groups.computeIfAbsent(endpoint, of -> new HashMap<>(2))
                    .computeIfAbsent(
                            transport,
                            by ->
                                    new UpstreamHttp2Group(
                                            loop,
                                            engine,
                                            endpoint,
                                            by,
                                            engine.limits().upstreamHttp2()))
                    .open(waiter);
        }
        activeCount++;
        return new SoleOpening(endpoint, transport, waiter);
    }

    /** A connection in the making, for one request. */
    private final class SoleOpening implements UpstreamStream.Opening, Dial.Caller {
        private final Endpoint endpoint;
        private final Transport transport;
        private final Dial dial;

        /** Null: let go of. */
        private UpstreamStream.@Nullable Waiter waiter;

        private long letGoAt;

        SoleOpening(Endpoint endpoint, Transport transport, UpstreamStream.Waiter waiter) {
            this.endpoint = endpoint;
            this.transport = transport;
            this.waiter = waiter;
            this.dial =
                    Dial.start(
                            loop, engine, endpoint, transport, waiter.timeouts().connect(), this);
        }

        @Override
        public void up(Dial made) {
            UpstreamHttp1Connection connection =
                    new UpstreamHttp1Connection(loop, engine, endpoint, transport, made.channel());
            made.channel().pipeline().replace(made, null, connection);
            if (waiter != null) {
                waiter.connected(connection);
            } else {
                endpoint.end(Endpoint.Result.ABANDONED, 0);
                connection.park();
            }
        }

        @Override
        public void down(UpstreamFault fault) {
            activeCount--;
            if (waiter != null) {
                waiter.unreached(fault);
            } else {
                endpoint.end(fault.result(), loop.now() - letGoAt);
            }
        }

        @Override
        public void letGo() {
            waiter = null;
            letGoAt = loop.now();
            endpoint.begin();
        }

        @Override
        public void cancel() {
            activeCount--;
            dial.cancel();
        }
    }

    /** Takes back a connection on which nothing is outstanding. */
    void put(UpstreamHttp1Connection connection) {
        activeCount--;
        ArrayDeque<UpstreamHttp1Connection> stack =
                idle.computeIfAbsent(connection.endpoint(), endpoint -> new HashMap<>(2))
                        .computeIfAbsent(connection.transport(), transport -> new ArrayDeque<>());
        if (stack.size() >= engine.idlePerEndpoint()) {
            engine.fire(Limit.UPSTREAM_POOL_SIZE);
            connection.close();
            return;
        }
        idleCount++;
        stack.addLast(connection);
    }

    /** HTTP/2: so many more are being made, or make do with HTTP/1. */
    void dialing(int change) {
        activeCount += change;
    }

    void http2Opened() {
        idleCount++;
    }

    /** One more has streams, or one fewer. */
    void busy(int change) {
        activeCount += change;
        idleCount -= change;
    }

    void http2Closed(boolean busy) {
        if (busy) {
            activeCount--;
        } else {
            idleCount--;
        }
    }

    /** An active connection closed, or is not to be used again. */
    void gone() {
        activeCount--;
    }

    /** An idle connection closed of itself. */
    void remove(UpstreamHttp1Connection connection) {
        Map<Transport, ArrayDeque<UpstreamHttp1Connection>> byTransport =
                idle.get(connection.endpoint());
        ArrayDeque<UpstreamHttp1Connection> stack =
                byTransport == null ? null : byTransport.get(connection.transport());
        if (stack != null && stack.remove(connection)) {
            idleCount--;
        }
    }

    /** Closes what is too old, and all to endpoints that are draining or gone. */
    void sweep(long now) {
        if (now - nextSweep < 0) {
            return;
        }
        nextSweep = now + SWEEP_NANOS;
        sweepGroups(now);
        long maxIdle = engine.idleNanos(engine.limits().upstream().idle());
        for (Iterator<Map.Entry<Endpoint, Map<Transport, ArrayDeque<UpstreamHttp1Connection>>>> it =
                        idle.entrySet().iterator();
                it.hasNext(); ) {
            var entry = it.next();
            boolean ready = entry.getKey().state() == Endpoint.State.READY;
            entry.getValue().values().removeIf(stack -> emptied(stack, ready ? maxIdle : -1, now));
            if (entry.getValue().isEmpty()) {
                it.remove();
            }
        }
    }

    private void sweepGroups(long now) {
        long maxIdle = engine.idleNanos(engine.limits().upstreamHttp2().idle());
        for (Iterator<Map<Transport, UpstreamHttp2Group>> it = groups.values().iterator();
                it.hasNext(); ) {
            Map<Transport, UpstreamHttp2Group> byTransport = it.next();
            byTransport.values().removeIf(group -> group.sweep(now, maxIdle));
            if (byTransport.isEmpty()) {
                it.remove();
            }
        }
    }

    void closeIdle() {
        for (var byTransport : groups.values()) {
            byTransport.values().forEach(group -> group.closeIdle(loop.now()));
        }
        for (var byTransport : idle.values()) {
            byTransport.values().forEach(stack -> emptied(stack, -1, 0));
        }
        idle.clear();
    }

    private boolean emptied(ArrayDeque<UpstreamHttp1Connection> stack, long maxIdle, long now) {
        while (!stack.isEmpty()
                && (maxIdle < 0 || now - stack.peekFirst().idleSince() >= maxIdle)) {
            idleCount--;
            if (maxIdle >= 0) {
                engine.fire(Limit.UPSTREAM_IDLE);
            }
            stack.pollFirst().close();
        }
        return stack.isEmpty();
    }
}
