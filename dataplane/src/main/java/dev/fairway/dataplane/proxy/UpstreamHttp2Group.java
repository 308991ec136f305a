package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One loop's HTTP/2 connections to one endpoint by one transport, and the requests that wait for room on
 * one: the next connection is made when all that there are have as many streams as they take. Owned by
 * its loop.
 */
final class UpstreamHttp2Group {
    private final Loop loop;
    private final Engine engine;
    private final Endpoint endpoint;
    private final Transport transport;
    private final UpstreamHttp2Limits limits;
    private final ArrayList<UpstreamHttp2Connection> connections = new ArrayList<>(2);
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private int dialing;

    /** What the last connection turned out to speak, where it may choose. */
    private boolean speaksHttp1;

    private boolean serving;

    UpstreamHttp2Group(
            Loop loop,
            Engine engine,
            Endpoint endpoint,
            Transport transport,
            UpstreamHttp2Limits limits) {
        this.loop = loop;
        this.engine = engine;
        this.endpoint = endpoint;
        this.transport = transport;
        this.limits = limits;
    }

    /** A request that waits; its own deadline. */
    private final class Waiting extends Deadline implements UpstreamStream.Opening {
        private final UpstreamStream.Waiter waiter;

        Waiting(UpstreamStream.Waiter waiter) {
            this.waiter = waiter;
        }

        @Override
        void expired() {
            engine.fire(Limit.CONNECT_TIME);
            cancel();
            waiter.unreached(UpstreamFault.CONNECT_TIMEOUT);
        }

        @Override
        public void cancel() {
            waiting.remove(this);
            loop.wheel().remove(this);
        }

        /** The connection in the making is everybody's anyway. */
        @Override
        public void letGo() {
            cancel();
        }
    }

    private @Nullable Waiting next() {
        Waiting first = waiting.pollFirst();
        if (first != null) {
            loop.wheel().remove(first);
        }
        return first;
    }

    /**
     * @return a stream on a connection that is there; null: none has room
     */
    @Nullable UpstreamStream take(long now) {
        if (!waiting.isEmpty()) {
            return null; // they came first
        }
        UpstreamHttp2Connection connection = room(now);
        return connection == null ? null : connection.stream();
    }

    private @Nullable UpstreamHttp2Connection room(long now) {
        for (int i = 0; i < connections.size(); i++) {
            UpstreamHttp2Connection connection = connections.get(i);
            if (connection.hasRoom() && !connection.doubtful(now)) {
                return connection;
            }
        }
        return null;
    }

    /** A stream when there is room; the waiter hears of it. */
    UpstreamStream.Opening open(UpstreamStream.Waiter waiter) {
        Waiting request = new Waiting(waiter);
        waiting.addLast(request);
        Duration patience = waiter.timeouts().connect();
        loop.wheel().set(request, loop.now(), patience.plus(limits.settle()).toNanos());
        provide(patience);
        return request;
    }

    /** Sees to it that all who wait can be served by what is there or in the making. */
    private void provide(Duration connect) {
        long now = loop.now();
        int coming = dialing * (speaksHttp1 ? 1 : limits.streams());
        for (int i = 0; i < connections.size(); i++) {
            UpstreamHttp2Connection connection = connections.get(i);
            if (connection.doubtful(now)) {
                connection.verify();
            }
            coming += connection.promises(limits.streams());
        }
        if (coming < waiting.size()) {
            dialing++;
            loop.pool().dialing(1);
            Dial.start(loop, engine, endpoint, transport, connect, new Dialled(connect));
        }
    }

    private final class Dialled implements Dial.Caller {
        private final Duration connect;

        Dialled(Duration connect) {
            this.connect = connect;
        }

        @Override
        public void up(Dial dial) {
            dialing--;
            loop.pool().dialing(-1);
            if (transport instanceof Transport.Tls && !choseHttp2(dial)) {
                chosenOtherwise(dial);
                return;
            }
            speaksHttp1 = false;
            UpstreamHttp2Connection connection =
                    new UpstreamHttp2Connection(
                            loop,
                            engine,
                            endpoint,
                            UpstreamHttp2Group.this,
                            dial.channel(),
                            transport instanceof Transport.Tls,
                            limits);
            dial.channel().pipeline().replace(dial, null, connection);
            connections.add(connection);
            loop.pool().http2Opened();
            connection.begin();
        }

        @Override
        public void down(UpstreamFault fault) {
            dialing--;
            loop.pool().dialing(-1);
            if (waiting.isEmpty()) {
                endpoint.begin(); // nobody is left to tell of the endpoint
                endpoint.end(fault.result(), 0);
            }
            unserved(fault);
        }

        private void chosenOtherwise(Dial dial) {
            if (transport.protocol() == Transport.Protocol.HTTP2) {
                dial.channel().close();
                unserved(UpstreamFault.NOT_HTTP2);
                return;
            }
            Waiting first = next();
            if (first == null) {
                dial.channel().close();
            } else {
                speaksHttp1 = true;
                loop.pool().dialing(1); // it counts as active from now on
                UpstreamHttp1Connection connection =
                        new UpstreamHttp1Connection(
                                loop, engine, endpoint, transport, dial.channel());
                dial.channel().pipeline().replace(dial, null, connection);
                first.waiter.connected(connection);
                if (!waiting.isEmpty()) {
                    provide(connect);
                }
            }
        }
    }

    private static boolean choseHttp2(Dial dial) {
        SslHandler tls = dial.channel().pipeline().get(SslHandler.class);
        return tls != null && ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol());
    }

    /** There may be room: who came first is served first. */
    void serve() {
        if (serving) {
            return; // a request that was served gave up its stream at once
        }
        serving = true;
        try {
            long now = loop.now();
            while (!waiting.isEmpty()) {
                UpstreamHttp2Connection connection = room(now);
                if (connection == null) {
                    break;
                }
                Waiting next = next();
                if (next != null) {
                    next.waiter.connected(connection.stream());
                }
            }
            if (!waiting.isEmpty()) {
                provide(waiting.peekFirst().waiter.timeouts().connect());
            }
        } finally {
            serving = false;
        }
    }

    /** A connection did not come about. Who waits hears so, unless another is there or in the making. */
    void unserved(UpstreamFault fault) {
        if (dialing > 0 || !connections.isEmpty()) {
            serve();
            return;
        }
        for (int left = waiting.size(); left > 0; left--) {
            Waiting next = next();
            if (next != null) {
                next.waiter.unreached(fault);
            }
        }
    }

    /** The connection takes no more streams. */
    void left(UpstreamHttp2Connection connection) {
        connections.remove(connection);
    }

    /**
     * Closes what is idle, and takes no new streams to an endpoint that is draining or gone.
     *
     * @return whether nothing is left of it
     */
    boolean sweep(long now, long maxIdle) {
        boolean ready = endpoint.state() == Endpoint.State.READY;
        for (int i = connections.size() - 1; i >= 0; i--) {
            UpstreamHttp2Connection connection = connections.get(i);
            boolean idle = connection.idleFor(now, maxIdle);
            if (idle && ready) {
                engine.fire(Limit.UPSTREAM_IDLE);
            }
            if ((!ready && waiting.isEmpty()) || idle) {
                connection.retire();
            }
        }
        return connections.isEmpty() && waiting.isEmpty() && dialing == 0;
    }

    /** What of HTTP/2 has no stream goes. */
    void closeIdle(long now) {
        for (int i = connections.size() - 1; i >= 0; i--) {
            if (connections.get(i).idleFor(now, 0)) {
                connections.get(i).retire();
            }
        }
    }
}
