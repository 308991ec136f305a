package dev.fairway.dataplane;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.dataplane.balance.EndpointRegistry;
import dev.fairway.dataplane.generation.BuiltGeneration;
import dev.fairway.dataplane.observe.AccessLog;
import dev.fairway.dataplane.observe.Journal;
import dev.fairway.dataplane.policy.LiveState;
import dev.fairway.dataplane.policy.PlanCompiler;
import dev.fairway.dataplane.policy.RoutePlan;
import dev.fairway.dataplane.proxy.BoundListener;
import dev.fairway.dataplane.proxy.MemoryGauge;
import dev.fairway.dataplane.proxy.ProxyServer;
import dev.fairway.dataplane.route.PathTable;
import dev.fairway.dataplane.route.RouteTable;
import dev.fairway.dataplane.tls.CertificateTable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first requests of a JVM are its slowest, so they are our own: before the process is ready, a proxy
 * that is made for it alone forwards some over loopback, from here to here. Same classes, same code to
 * compile; but its event loop, endpoints, counters and journal are its own and go with it, and no
 * backend, metric or log of the user's hears of it.
 */
final class Rehearsal {
    /** Where code is compiled is passed several times; more would only be waited for. */
    static final int REQUESTS = 3000;

    /** A pod is wanted for its readiness: what is not warm by then warms up at work. */
    static final Duration LONGEST = Duration.ofMillis(300);

    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);
    private static final int CONNECTIONS = 8;
    private static final BackendId HERE = new BackendId("rehearsal", "rehearsal", 80);

    private final ProcessSettings settings;
    private final LiveState live;
    private final Duration longest;

    /**
     * @param live what plans are compiled with; its endpoints are left alone
     */
    Rehearsal(ProcessSettings settings, LiveState live, Duration longest) {
        this.settings = settings;
        this.live = live;
        this.longest = longest;
    }

    /**
     * Blocks until it is over.
     *
     * @return how many requests were answered; a machine that forbids it costs only the warmth
     */
    int play() {
        long until = System.nanoTime() + longest.toNanos();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket backend = new ServerSocket(0, CONNECTIONS * 2, loopback);
                AccessLog nowhere = new AccessLog(OutputStream.nullOutputStream())) {
            Thread.ofPlatform()
                    .daemon()
                    .name("rehearsal-backend")
                    .start(() -> Stage.serve(backend));
            EndpointRegistry endpoints = new EndpointRegistry(System::nanoTime);
            BuiltGeneration generation = generation(endpoints, backend);
            Journal journal = new Journal(nowhere, settings.accessLog());
            journal.follow(generation.snapshot());
            try (ProxyServer proxy =
                    new ProxyServer(
                            () -> generation,
                            journal,
                            (_, _) -> {
                                throw new IllegalStateException("no TLS in a rehearsal");
                            },
                            (_, _, _) -> {
                                throw new IllegalStateException("no TLS in a rehearsal");
                            },
                            settings.limits(),
                            MemoryGauge.NONE,
                            settings.transport(),
                            1)) {
                InetSocketAddress entrance =
                        proxy.bind(
                                        List.of(
                                                new BoundListener(
                                                        "rehearsal",
                                                        80,
                                                        false,
                                                        new InetSocketAddress(loopback, 0))))
                                .getFirst();
                return requests(entrance, until);
            }
        } catch (IOException | RuntimeException e) {
            log.warn("no rehearsal before the first request: {}", e.toString());
            return 0;
        }
    }

    private BuiltGeneration generation(EndpointRegistry endpoints, ServerSocket backend) {
        endpoints.apply(
                new Endpoints(
                        List.of(
                                new Endpoints.EndpointSet(
                                        HERE,
                                        List.of(
                                                new Endpoints.Endpoint(
                                                        backend.getInetAddress().getHostAddress(),
                                                        backend.getLocalPort(),
                                                        Endpoints.Condition.READY))))));
        Route route =
                new Route(
                        "rehearsal",
                        new Route.Origin("rehearsal", "rehearsal", "rehearsal", "80"),
                        new PathMatch.Prefix("/"),
                        new Route.Action.Forward(HERE),
                        List.of());
        Snapshot snapshot =
                new Snapshot(
                        Settings.DEFAULTS,
                        Listener.DEFAULTS,
                        List.of(),
                        List.of(new VirtualHost(new HostMatch.Exact("rehearsal"), List.of(route))));
        LiveState own =
                new LiveState(
                        endpoints,
                        live.limiters(),
                        live.subrequests(),
                        live.passwords(),
                        live.chance(),
                        live.wallMillis(),
                        live.hostName());
        PlanCompiler compiler = new PlanCompiler(own, new Keys(List.of()), 443);
        RouteTable<RoutePlan> routes =
                new RouteTable<>(
                        snapshot.hosts(),
                        host -> new PathTable<>(host.routes(), compiler::compile));
        return new BuiltGeneration(0, 0, snapshot, routes, CertificateTable.EMPTY);
    }

    /** One on each connection, then their answers, over and over. */
    private static int requests(InetSocketAddress entrance, long until) throws IOException {
        List<Stage.Client> clients = new ArrayList<>();
        int answered = 0;
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(new Stage.Client(entrance));
            }
            while (answered < REQUESTS && System.nanoTime() - until < 0) {
                for (int i = 0; i < CONNECTIONS; i++) {
                    clients.get(i).ask(i);
                }
                for (Stage.Client client : clients) {
                    if (!client.answered()) {
                        return answered;
                    }
                    answered++;
                }
            }
        } finally {
            for (Stage.Client client : clients) {
                client.close();
            }
        }
        return answered;
    }
}
