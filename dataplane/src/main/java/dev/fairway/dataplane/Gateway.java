package dev.fairway.dataplane;

import dev.fairway.contract.codec.SharedConfig;
import dev.fairway.contract.codec.SnapshotCodec;
import dev.fairway.dataplane.balance.Chance;
import dev.fairway.dataplane.balance.EndpointRegistry;
import dev.fairway.dataplane.generation.Activation;
import dev.fairway.dataplane.generation.BackendAddresses;
import dev.fairway.dataplane.generation.BuiltGeneration;
import dev.fairway.dataplane.generation.GenerationBuilder;
import dev.fairway.dataplane.generation.Generations;
import dev.fairway.dataplane.observe.AccessLog;
import dev.fairway.dataplane.observe.AdminServer;
import dev.fairway.dataplane.observe.Journal;
import dev.fairway.dataplane.observe.Metrics;
import dev.fairway.dataplane.observe.Probes;
import dev.fairway.dataplane.observe.SnapshotStatus;
import dev.fairway.dataplane.policy.HttpSubrequests;
import dev.fairway.dataplane.policy.LimiterRegistry;
import dev.fairway.dataplane.policy.LiveState;
import dev.fairway.dataplane.policy.PasswordChecks;
import dev.fairway.dataplane.proxy.Limit;
import dev.fairway.dataplane.proxy.MemoryGauge;
import dev.fairway.dataplane.proxy.ProcessMemory;
import dev.fairway.dataplane.proxy.ProxyServer;
import dev.fairway.dataplane.source.ApiServer;
import dev.fairway.dataplane.source.FolderSource;
import dev.fairway.dataplane.source.KubernetesSource;
import dev.fairway.dataplane.source.LastGoodCopy;
import dev.fairway.dataplane.source.Loader;
import dev.fairway.dataplane.source.SnapshotSource;
import dev.fairway.dataplane.tls.ServerHandshakes;
import dev.fairway.dataplane.tls.ServerIdentities;
import dev.fairway.dataplane.tls.TlsOutcomes;
import dev.fairway.dataplane.tls.UpstreamContexts;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data plane, wired: snapshot source → loader → generation → proxy server → journal, and the
 * admin pages that look at all of them.
 */
final class Gateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);
    private static final Duration LOOP_PATIENCE = Duration.ofSeconds(2);
    private static final Duration TICKET_KEY_LIFE = Duration.ofHours(12);
    private static final int PASSWORD_QUEUE = 512;

    private final ProcessSettings settings;
    private final SnapshotStatus status = new SnapshotStatus();
    private final Generations generations = new Generations();
    private final ServerIdentities identities = new ServerIdentities();
    private final UpstreamContexts upstream;
    private final TlsOutcomes handshakes = new TlsOutcomes();
    private final ExecutorService hashing;
    private final ExecutorService verification;
    private final ExecutorService blocking;
    private final ScheduledExecutorService clock;
    private final AccessLog accessLog;
    private final ProxyServer server;
    private final Listeners listeners;
    private final Loader loader;
    private final Metrics metrics;
    private final @Nullable AdminServer admin;
    private final Rehearsal rehearsal;
    private volatile boolean rehearsed;
    private volatile boolean draining;

    /**
     * @param out where the access log goes
     * @param fatal told when a listener can't be bound
     * @throws IOException when the admin port can't be bound or the API server's authority not read
     */
    Gateway(ProcessSettings settings, OutputStream out, Consumer<String> fatal) throws IOException {
        this.settings = settings;
        boolean folder = settings.carrier() instanceof ProcessSettings.Carrier.Folder;
        int helpers = Math.max(1, settings.workers() / 2);
        hashing = bounded(helpers, PASSWORD_QUEUE, "password-");
        verification = Executors.newFixedThreadPool(helpers + 1, daemons("verification-"));
        blocking = Executors.newVirtualThreadPerTaskExecutor();
        clock = Executors.newSingleThreadScheduledExecutor(daemons("clock-"));

        EndpointRegistry endpoints = new EndpointRegistry(System::nanoTime);
        LimiterRegistry limiters = new LimiterRegistry(System::nanoTime);
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        PasswordChecks passwords = new PasswordChecks(hashing, System::nanoTime, secret);
        LiveState live =
                new LiveState(
                        endpoints,
                        limiters,
                        new HttpSubrequests(blocking, folder),
                        passwords,
                        Chance.THREAD_LOCAL,
                        System::currentTimeMillis,
                        hostName());

        rehearsal = new Rehearsal(settings, live, Rehearsal.LONGEST);
        accessLog = new AccessLog(out);
        MemoryGauge memory = new ProcessMemory();
        Journal journal = new Journal(accessLog, settings.accessLog());
        upstream = new UpstreamContexts(verification);
        ServerHandshakes entrance =
                new ServerHandshakes(
                        generations::certificates,
                        settings.limits().entry().handshake(),
                        handshakes);
        server =
                new ProxyServer(
                        generations::current,
                        journal,
                        (_, turn) -> entrance.newHandler(turn),
                        (tls, endpoint, allocator) ->
                                upstream.newHandler(tls, endpoint.address().getPort(), allocator),
                        settings.limits(),
                        memory,
                        settings.transport(),
                        settings.workers());
        listeners = new Listeners(server, settings.binds(), fatal);

        Activation builder =
                new GenerationBuilder(
                        live,
                        folder ? BackendAddresses.ANY : BackendAddresses.OTHER_HOSTS,
                        identities,
                        upstream,
                        journal,
                        generations);
        ProcessSettings.Copy copy = settings.copy();
        loader =
                new Loader(
                        source(settings.carrier()),
                        copy == null ? null : new LastGoodCopy(copy.state(), copy.keys()),
                        candidate -> {
                            builder.activate(candidate);
                            listeners.follow(candidate.snapshot().listeners());
                        },
                        status,
                        InstantSource.system(),
                        new SecureRandom());

        metrics = new Metrics(journal, status, () -> generations.certificates().expiries());
        traffic(server);
        state(endpoints, limiters, passwords);
        InetSocketAddress address = settings.admin();
        admin = address == null ? null : new AdminServer(address, probes(), status, metrics);
    }

    void start() {
        if (admin != null) {
            admin.start();
            log.info("admin pages are on {}", admin.address());
        }
        log.info(
                "{} event loops on {}; waiting for a snapshot",
                settings.workers(),
                server.transport().name().toLowerCase(Locale.ROOT));
        clock.scheduleWithFixedDelay(
                identities::rotateTickets,
                TICKET_KEY_LIFE.toSeconds(),
                TICKET_KEY_LIFE.toSeconds(),
                TimeUnit.SECONDS);
        loader.start();
        Thread.ofPlatform()
                .daemon()
                .name("rehearsal")
                .start(() -> {
                    int answered = rehearsal.play();
                    rehearsed = true;
                    log.info("rehearsed {} requests", answered);
                });
    }

    /** Leaves: unready at once, then announced, then drained (kubernetes.md 5.3 rule 6). */
    void drain() {
        draining = true;
        log.info(
                "leaving: unready now, serving all for {} s, then {} s for what is under way",
                settings.announce().toSeconds(),
                settings.grace().toSeconds());
        try {
            server.drain(settings.announce(), settings.grace()).toCompletableFuture().join();
        } catch (CompletionException e) {
            log.error("the drain broke off", e);
        }
        log.info("drained");
    }

    @Override
    public void close() {
        loader.close();
        server.close();
        identities.close();
        upstream.close();
        accessLog.close();
        if (admin != null) {
            admin.close();
        }
        metrics.close();
        clock.shutdownNow();
        hashing.shutdownNow();
        verification.shutdownNow();
        blocking.shutdownNow();
    }

    /** Where each open listener is, by name. */
    Map<String, InetSocketAddress> listening() {
        return listeners.addresses();
    }

    /** Native TLS contexts held, of both sides. */
    long tlsContexts() {
        return identities.contexts() + upstream.contexts();
    }

    @Nullable InetSocketAddress adminAddress() {
        return admin == null ? null : admin.address();
    }

    private static SnapshotSource source(ProcessSettings.Carrier carrier) throws IOException {
        return switch (carrier) {
            case ProcessSettings.Carrier.Folder(var folder) -> new FolderSource(folder);
            case ProcessSettings.Carrier.Cluster cluster ->
                    new KubernetesSource(
                            new ApiServer(cluster.server()),
                            cluster.namespace(),
                            SharedConfig.id(cluster.dataPlane(), cluster.name()),
                            new SecureRandom());
        };
    }

    Probes probes() {
        return new Probes() {
            @Override
            public boolean alive() {
                return server.responsive(LOOP_PATIENCE);
            }

            @Override
            public List<String> unready() {
                List<String> reasons = new ArrayList<>();
                if (draining) {
                    reasons.add("this process is leaving");
                }
                if (generations.current() == null) {
                    reasons.add("no snapshot is active yet");
                } else {
                    reasons.addAll(listeners.missing());
                }
                if (!rehearsed) {
                    reasons.add("warming up");
                }
                return reasons;
            }

            @Override
            public @Nullable String routes() {
                BuiltGeneration now = generations.current();
                return now == null
                        ? null
                        : new String(SnapshotCodec.encode(now.snapshot()), StandardCharsets.UTF_8);
            }
        };
    }

    private void traffic(ProxyServer of) {
        metrics.gauge("fairway.connections", "Client connections now open.", of::clientConnections);
        metrics.gauge(
                "fairway.pressure.stage",
                "How short memory is: 0 not at all, 5 the largest connections are cut.",
                () -> of.pressure().ordinal());
        metrics.gauge("fairway.exchanges.in.flight", "Exchanges under way.", of::exchangesInFlight);
        metrics.gauge(
                "fairway.upstream.connections.idle",
                "Pooled connections to backends.",
                of::upstreamIdle);
        metrics.gauge(
                "fairway.upstream.connections.active",
                "Connections to backends in use.",
                of::upstreamActive);
        for (Limit limit : Limit.values()) {
            metrics.counter(
                    "fairway.limit",
                    "How often a limit fired.",
                    "limit",
                    limit.label(),
                    () -> of.counters().count(limit));
        }
    }

    private void state(
            EndpointRegistry endpoints, LimiterRegistry limiters, PasswordChecks passwords) {
        for (String limit : List.of("rate", "limiter-keys", "password-queue", "access-log")) {
            metrics.counter(
                    "fairway.limit",
                    "How often a limit fired.",
                    "limit",
                    limit,
                    () ->
                            switch (limit) {
                                case "rate" -> limiters.rejected();
                                case "limiter-keys" -> limiters.evicted();
                                case "password-queue" -> passwords.refused();
                                case "access-log" -> accessLog.dropped();
                                default -> throw new IllegalStateException(limit);
                            });
        }
        metrics.gauge("fairway.limiter.keys", "Clients that rate limits remember.", limiters::size);
        metrics.counter("fairway.upstream.ejections", "Endpoints ejected.", endpoints::ejected);
        metrics.counter(
                "fairway.upstream.ejections.refused",
                "Ejections not made, since too many were out.",
                endpoints::ejectionsRefused);
        metrics.counter(
                "fairway.upstream.panics",
                "Picks that passed over ejection, since more than half were out.",
                endpoints::panics);
        metrics.gauge(
                "fairway.hosts",
                "Virtual hosts of the active snapshot.",
                () -> {
                    BuiltGeneration now = generations.current();
                    return now == null ? 0 : now.snapshot().hosts().size();
                });
        metrics.gauge(
                "fairway.routes",
                "Routes of the active snapshot.",
                () -> {
                    BuiltGeneration now = generations.current();
                    return now == null
                            ? 0
                            : now.snapshot().hosts().stream()
                                    .mapToLong(host -> host.routes().size())
                                    .sum();
                });
        metrics.gauge("fairway.tls.contexts", "Server TLS contexts held.", identities::contexts);
        metrics.gauge(
                "fairway.tls.contexts.upstream", "Client TLS contexts held.", upstream::contexts);
        metrics.gauge(
                "fairway.tls.keys.refused",
                "Keys of the active snapshot that can't be used.",
                identities::refused);
        metrics.counter(
                "fairway.tls.handshakes",
                "Handshakes with clients.",
                "outcome",
                "completed",
                handshakes::completed);
        metrics.counter(
                "fairway.tls.handshakes",
                "Handshakes with clients.",
                "outcome",
                "failed",
                handshakes::failed);
        metrics.counter(
                "fairway.tls.handshakes",
                "Handshakes with clients.",
                "outcome",
                "unrecognized-name",
                handshakes::refusedNames);
    }

    private static ExecutorService bounded(int threads, int queue, String name) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queue),
                daemons(name));
    }

    private static ThreadFactory daemons(String name) {
        return Thread.ofPlatform().daemon().name(name, 0).factory();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
