package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.contract.Route;
import dev.fairway.contract.Settings;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.balance.Selection;
import dev.fairway.dataplane.balance.Tried;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.policy.Decision;
import dev.fairway.dataplane.policy.Dispatch;
import dev.fairway.dataplane.policy.RetryRule;
import dev.fairway.dataplane.policy.RoutePlan;
import dev.fairway.dataplane.policy.Transport;
import dev.fairway.dataplane.tls.HandshakeTurn;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A proxy on loopback with one route to any number of scripted backends; host {@code none.test} has none. */
final class ProxyFixture implements AutoCloseable, Generation, RoutePlan {

    record Finished(
            String target,
            int status,
            String reason,
            int attempts,
            long requestBytes,
            long responseBodyBytes,
            List<Integer> attemptStatuses,
            int grpcStatus) {}

    final List<RawBackend> backends = new ArrayList<>();
    final List<Finished> finished = new CopyOnWriteArrayList<>();
    final List<String> paths = new CopyOnWriteArrayList<>();
    final AtomicInteger released = new AtomicInteger();

    // What tests change before a request.
    volatile Settings settings = Settings.DEFAULTS;
    volatile boolean snapshot = true;

    /** Runs whenever settings are asked for, which is where nobody expects a fault. */
    volatile Runnable onSettings = () -> {};

    volatile double memory;
    volatile Timeouts timeouts =
            new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(5));
    volatile long bodyLimit = Long.MAX_VALUE;
    volatile boolean keepSlashes;
    volatile Function<PolicyContext, Decision> admit = context -> Decision.PROCEED;
    volatile Function<Integer, Dispatch> intercept = status -> null;
    volatile Dispatch withoutEndpoint;
    volatile List<Retry.On> retryOn = List.of(Retry.On.ERROR, Retry.On.TIMEOUT);
    volatile String rewrittenPath;
    volatile Transport transport = Transport.PLAIN;
    volatile Function<PolicyContext, Selection> select = context -> selection(backends);

    final ProxyServer server;
    final InetSocketAddress address;

    ProxyFixture(RawBackend... backends) throws IOException {
        this(ProxyLimits.DEFAULTS, TransportKind.EPOLL, backends);
    }

    ProxyFixture(ProxyLimits limits, TransportKind kind, RawBackend... backends)
            throws IOException {
        this(limits, kind, new NoTls(), false, backends);
    }

    ProxyFixture(
            ProxyLimits limits,
            TransportKind kind,
            Tls tls,
            boolean tlsListener,
            RawBackend... backends)
            throws IOException {
        this(limits, kind, tls, tlsListener, 1, backends);
    }

    ProxyFixture(
            ProxyLimits limits,
            TransportKind kind,
            Tls tls,
            boolean tlsListener,
            int workers,
            RawBackend... backends)
            throws IOException {
        this.backends.addAll(List.of(backends));
        server =
                new ProxyServer(
                        () -> {
                            onSettings.run();
                            return snapshot ? this : null;
                        },
                        done ->
                                finished.add(
                                        new Finished(
                                                done.request() == null
                                                        ? ""
                                                        : done.request().target(),
                                                done.status(),
                                                done.reason(),
                                                done.attempts(),
                                                done.requestBytes(),
                                                done.responseBodyBytes(),
                                                IntStream.range(0, done.attempts())
                                                        .map(done::attemptStatus)
                                                        .boxed()
                                                        .toList(),
                                                done.grpcStatus())),
                        tls,
                        tls,
                        limits,
                        () -> memory,
                        kind,
                        workers);
        address =
                server.bind(
                                List.of(
                                        new BoundListener(
                                                "http",
                                                tlsListener ? 443 : 80,
                                                tlsListener,
                                                new InetSocketAddress(
                                                        InetAddress.getLoopbackAddress(), 0))))
                        .getFirst();
    }

    interface Tls extends ServerTls, UpstreamTls {}

    static final class NoTls implements Tls {
        @Override
        public ChannelHandler newServerHandler(ByteBufAllocator allocator, HandshakeTurn turn) {
            throw new IllegalStateException("no TLS here");
        }

        @Override
        public io.netty.handler.ssl.SslHandler newUpstreamHandler(
                Transport.Tls transport, Endpoint endpoint, ByteBufAllocator allocator) {
            throw new IllegalStateException("no TLS here");
        }
    }

    RawClient client() throws IOException {
        return new RawClient(address);
    }

    /** One request on a connection of its own. */
    RawClient.Response ask(String request) throws IOException {
        try (RawClient client = client()) {
            return client.send(request).response();
        }
    }

    RawClient.Response get(String path) throws IOException {
        try (RawClient client = client()) {
            return client.get(path).response();
        }
    }

    void eventually(String what, BooleanSupplier holds) {
        long until = System.nanoTime() + 5_000_000_000L;
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < until, what);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Finished lastFinished(int count) {
        eventually("an exchange was told of", () -> finished.size() >= count);
        return finished.get(count - 1);
    }

    long fired(Limit limit) {
        return server.counters().count(limit);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (RawBackend backend : backends) {
            backend.close();
        }
    }

    // Generation

    @Override
    public Settings settings() {
        return settings;
    }

    @Override
    public RoutePlan route(byte[] host, int hostLength, byte[] path, int pathLength) {
        String name = new String(host, 0, hostLength, StandardCharsets.ISO_8859_1);
        paths.add(name + new String(path, 0, pathLength, StandardCharsets.ISO_8859_1));
        return name.equals("none.test") ? null : this;
    }

    @Override
    public long epoch() {
        return 1;
    }

    @Override
    public long sequence() {
        return 1;
    }

    // RoutePlan

    @Override
    public Route route() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Decision admit(PolicyContext context) {
        context.onFinish(released::incrementAndGet);
        return admit.apply(context);
    }

    @Override
    public long bodyLimit() {
        return bodyLimit;
    }

    @Override
    public Timeouts timeouts() {
        return timeouts;
    }

    @Override
    public RetryRule retry() {
        return (on, status, attempts, elapsed, sent, begun, method, replayable) ->
                retryOn.contains(on)
                        && attempts < 3
                        && (!sent || (replayable && !method.equals("POST")));
    }

    @Override
    public Dispatch dispatch(PolicyContext context) {
        return new Dispatch.Forward(rewrittenPath, null, select.apply(context), transport);
    }

    /** In order, skipping what was tried. */
    static Selection selection(List<RawBackend> backends) {
        return new Selection() {
            @Override
            public Endpoint pick(Tried tried) {
                return backends.stream()
                        .map(backend -> backend.fixture.endpoint)
                        .filter(endpoint -> !tried.contains(endpoint))
                        .findFirst()
                        .orElse(null);
            }

            @Override
            public void answered(Endpoint endpoint, PolicyContext context) {
                context.addResponseHeader("X-Answered", "yes");
            }
        };
    }

    @Override
    public Dispatch withoutEndpoint(PolicyContext context) {
        return withoutEndpoint;
    }

    @Override
    public Dispatch interceptStatus(int status, PolicyContext context) {
        return intercept.apply(status);
    }

    @Override
    public void respond(int status, PolicyContext context) {
        context.setResponseHeader("X-Route", "one");
    }

    @Override
    public boolean keepRepeatedSlashes() {
        return keepSlashes;
    }
}
