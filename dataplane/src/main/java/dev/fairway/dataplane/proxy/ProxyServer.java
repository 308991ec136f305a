package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.observe.ExchangeSink;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The traffic side of the process: event loops, listeners, drain. Begins idle; {@link #bind} may be
 * called more than once. Thread-safe.
 */
public final class ProxyServer implements AutoCloseable {
    /** What the kernel may hold for a client that takes nothing: two high-water marks. */
    private static final int UNSENT_BYTES = 128 << 10;

    private final Engine engine;
    private final MultiThreadIoEventLoopGroup group;
    private final List<Loop> loops = new CopyOnWriteArrayList<>();
    private final Map<EventLoop, Loop> loopOf = new IdentityHashMap<>();
    private final List<Channel> listeners = new ArrayList<>();

    /**
     * @param generations the active generation, one volatile read; null: no snapshot yet, 503
     * @param sink where finished exchanges are told
     * @param memory what {@link Pressure} goes by
     * @param kind what is wanted; where the machine lacks it, NIO is taken
     * @param workers how many event loops
     */
    public ProxyServer(
            Supplier<@Nullable Generation> generations,
            ExchangeSink sink,
            ServerTls serverTls,
            UpstreamTls upstreamTls,
            ProxyLimits limits,
            MemoryGauge memory,
            TransportKind kind,
            int workers) {
        TransportKind transport = kind.available();
        LimitCounters counters = new LimitCounters();
        Connections connections = new Connections(limits.entry(), counters);
        engine =
                new Engine(
                        generations,
                        sink,
                        serverTls,
                        upstreamTls,
                        limits,
                        transport,
                        counters,
                        connections,
                        new Overload(memory, connections, counters),
                        new Engine.DrainState(),
                        loops);
        Map<ThreadAwareExecutor, LoopClock> clocks = new IdentityHashMap<>();
        group =
                new MultiThreadIoEventLoopGroup(
                        workers,
                        new DefaultThreadFactory("fairway-loop"),
                        timed(transport.handlers(), clocks));
        for (EventExecutor executor : group) {
            LoopClock clock = Objects.requireNonNull(clocks.get(executor));
            Loop loop = new Loop((EventLoop) executor, clock, engine);
            loops.add(loop);
            loopOf.put((EventLoop) executor, loop);
            loop.start();
        }
        group.next()
                .scheduleAtFixedRate(
                        engine.overload()::sample,
                        Overload.SAMPLE_NANOS,
                        Overload.SAMPLE_NANOS,
                        TimeUnit.NANOSECONDS);
    }

    private static IoHandlerFactory timed(
            IoHandlerFactory transport, Map<ThreadAwareExecutor, LoopClock> clocks) {
        return executor -> {
            LoopClock clock = new LoopClock();
            clocks.put(executor, clock);
            return new TimedIoHandler(transport.newHandler(executor), clock);
        };
    }

    /** What moves the bytes, after falling back. */
    public TransportKind transport() {
        return engine.transport();
    }

    /**
     * Opens listeners.
     *
     * @return where each is bound, in order
     * @throws RuntimeException when one can't be; those before it stay open
     */
    public synchronized List<InetSocketAddress> bind(List<BoundListener> wanted) {
        List<InetSocketAddress> bound = new ArrayList<>();
        for (BoundListener listener : wanted) {
            Channel channel =
                    bootstrap(listener).bind(listener.address()).syncUninterruptibly().channel();
            listeners.add(channel);
            engine.connections().listening(channel);
            bound.add((InetSocketAddress) channel.localAddress());
        }
        return bound;
    }

    private ServerBootstrap bootstrap(BoundListener listener) {
        ProxyLimits.Client limits = engine.limits().client();
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(group, group)
                        .channel(engine.transport().server())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.SO_BACKLOG, 4096)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(limits.lowWater(), limits.highWater()))
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        accepted(listener, channel);
                                    }
                                });
        engine.transport().boundUnsent(bootstrap, UNSENT_BYTES);
        return bootstrap;
    }

    /** On the new connection's loop. */
    private void accepted(BoundListener listener, Channel channel) {
        Seat seat = engine.connections().opened();
        channel.closeFuture().addListener(seat);
        Loop loop = loopOf.get(channel.eventLoop());
        if (loop == null) {
            throw new IllegalStateException("a loop that is not ours");
        }
        channel.config().setRecvByteBufAllocator(loop.clientReceive());
        channel.pipeline().addLast(new Entrance(engine, loop, listener, channel, seat));
    }

    /**
     * Leaves without failing a request (kubernetes.md 5.3 rule 6): for {@code announce} everything is
     * served, each answer says {@code Connection: close}, and idle connections are closed a few at a
     * time; then no more are accepted, and what is under way has {@code grace} to end.
     *
     * @return completes when no client connection is left
     */
    public synchronized CompletionStage<@Nullable Void> drain(Duration announce, Duration grace) {
        return new Drain(engine, loops, List.copyOf(listeners), announce, grace).begin();
    }

    public LimitCounters counters() {
        return engine.counters();
    }

    public int clientConnections() {
        return engine.connections().open();
    }

    /** How short memory is. */
    public Pressure pressure() {
        return engine.overload().stage();
    }

    public int upstreamIdle() {
        return loops.stream().mapToInt(loop -> loop.pool().idleCount).sum();
    }

    public int upstreamActive() {
        return loops.stream().mapToInt(loop -> loop.pool().activeCount).sum();
    }

    public int exchangesInFlight() {
        return loops.stream().mapToInt(loop -> loop.exchanges).sum();
    }

    /**
     * Whether every event loop runs a task within this time: liveness. Not to be called on a loop.
     */
    public boolean responsive(Duration within) {
        CountDownLatch silent = new CountDownLatch(loops.size());
        try {
            loops.forEach(loop -> loop.execute(silent::countDown));
            return silent.await(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Ends everything at once. With a quiet period of none a loop that is told while it runs tasks ends
     * without another look, and so without closing its channels.
     */
    @Override
    public void close() {
        group.shutdownGracefully(1, TimeUnit.SECONDS.toNanos(1), TimeUnit.NANOSECONDS)
                .syncUninterruptibly();
        loops.forEach(Loop::ended);
    }
}
