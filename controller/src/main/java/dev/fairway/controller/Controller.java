package dev.fairway.controller;

import dev.fairway.contract.resource.DataPlaneStatus;
import dev.fairway.controller.ControllerSettings.ObjectName;
import dev.fairway.controller.compile.CompileOptions;
import dev.fairway.controller.compile.Compiler;
import dev.fairway.controller.compile.SystemRandomness;
import dev.fairway.controller.observe.AdminServer;
import dev.fairway.controller.observe.ControllerMetrics;
import dev.fairway.controller.observe.Health;
import dev.fairway.controller.publish.Carrier;
import dev.fairway.controller.publish.FolderCarrier;
import dev.fairway.controller.publish.KubernetesCarrier;
import dev.fairway.controller.publish.Leadership;
import dev.fairway.controller.publish.LeaseElection;
import dev.fairway.controller.publish.Publisher;
import dev.fairway.controller.publish.Report;
import dev.fairway.controller.publish.Reporter;
import dev.fairway.controller.watch.ControlLoop;
import dev.fairway.controller.watch.DataPlanes;
import dev.fairway.controller.watch.FolderWorld;
import dev.fairway.controller.watch.KubernetesWorld;
import dev.fairway.controller.watch.LoopRules;
import dev.fairway.controller.watch.Scope;
import dev.fairway.controller.watch.World;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a controller and the order in which they start and end: a world that is read, a loop
 * that compiles, a carrier that is written to, a reporter that tells the cluster, an admin port.
 * Cluster to cluster, folder to folder, or cluster to folder.
 */
final class Controller implements AutoCloseable {

    private final @Nullable KubernetesClient client;
    private final World world;
    private final Carrier carrier;
    private final Leadership leadership;
    private final @Nullable Reporter reporter;
    private final ControlLoop loop;
    private final AdminServer admin;

    private Controller(
            @Nullable KubernetesClient client,
            World world,
            Carrier carrier,
            Leadership leadership,
            @Nullable Reporter reporter,
            ControlLoop loop,
            AdminServer admin) {
        this.client = client;
        this.world = world;
        this.carrier = carrier;
        this.leadership = leadership;
        this.reporter = reporter;
        this.loop = loop;
        this.admin = admin;
    }

    /**
     * @param over called when this process can't go on: a part has died or another replica leads
     */
    static Controller of(ControllerSettings settings, Consumer<String> over) throws IOException {
        ControllerMetrics metrics = new ControllerMetrics();
        return of(
                settings,
                settings.manifests().isPresent()
                        ? null
                        : ApiServer.connect(settings.kubeconfig(), metrics::apiError),
                new Compiler(new SystemRandomness())::compile,
                metrics,
                over);
    }

    /**
     * @param client of the API server, ours to close; null: no cluster is read
     */
    static Controller of(
            ControllerSettings settings,
            @Nullable KubernetesClient client,
            ControlLoop.Compile compile,
            ControllerMetrics metrics,
            Consumer<String> over)
            throws IOException {
        InstantSource clock = InstantSource.system();
        String instance =
                System.getenv().getOrDefault("POD_NAME", "fairway") + "_" + UUID.randomUUID();
        DataPlanes dataPlanes =
                client == null ? null : new DataPlanes(client, name(settings.dataPlane()));
        World world =
                client != null && dataPlanes != null
                        ? new KubernetesWorld(client, scope(settings), dataPlanes, over)
                        : new FolderWorld(settings.manifests().orElseThrow());
        Carrier carrier =
                client != null && settings.publishFolder().isEmpty()
                        ? new KubernetesCarrier(
                                client, settings.sharedConfigNamespace(), settings.dataPlaneId())
                        : new FolderCarrier(settings.publishFolder().orElseThrow());
        Leadership leadership =
                client != null && settings.leaderElect()
                        ? new LeaseElection(
                                client,
                                settings.dataPlane().namespace(),
                                settings.electionId(),
                                instance,
                                System::nanoTime,
                                () -> over.accept("another replica holds the lease"))
                        : Leadership.always();
        metrics.leading(leadership::leading);
        Reporter reporter =
                client == null
                        ? null
                        : new Reporter(
                                client,
                                "fairway/"
                                        + settings.dataPlane().namespace()
                                        + "/"
                                        + settings.electionId(),
                                instance,
                                leadership::leading,
                                new Reporter.Rules(
                                        settings.updateStatus(), settings.clearStatusAtEnd()),
                                clock,
                                metrics::eventDelayed);
        ControlLoop loop =
                new ControlLoop(
                        world,
                        compile,
                        rules(settings),
                        leadership,
                        new Publisher(carrier, leadership::leading, clock),
                        new Told(reporter, dataPlanes),
                        metrics,
                        clock,
                        over);
        AdminServer admin =
                new AdminServer(
                        settings.healthAddress(),
                        new Health(
                                List.of(
                                        () -> world.waitingFor().map(w -> "waiting for " + w),
                                        loop::notReady)),
                        metrics,
                        loop::problems);
        return new Controller(client, world, carrier, leadership, reporter, loop, admin);
    }

    void start() {
        admin.start();
        if (reporter != null) {
            reporter.start();
        }
        loop.start();
        carrier.start(loop::damaged);
        world.start(loop::changed);
        leadership.start(loop::changed);
    }

    /** In the order in which nothing is written by who no longer leads. */
    @Override
    public void close() {
        loop.close();
        if (reporter != null) {
            reporter.close();
        }
        leadership.close();
        world.close();
        carrier.close();
        admin.close();
        if (client != null) {
            client.close();
        }
    }

    int adminPort() {
        return admin.port();
    }

    private static Scope scope(ControllerSettings settings) {
        Set<String> backend =
                namespaces(settings.defaultBackendService().map(Controller::namespace));
        Set<String> services =
                Stream.concat(
                                backend.stream(),
                                settings.publishService().map(ObjectName::namespace).stream())
                        .collect(Collectors.toSet());
        return new Scope(
                settings.watchNamespaces(),
                settings.namespaceSelector(),
                services,
                backend,
                namespaces(settings.defaultSslCertificate().map(ObjectName::namespace)),
                settings.configMap().map(Controller::name),
                name(settings.dataPlane()),
                settings.publishService().isPresent() || !settings.statusAddresses().isEmpty()
                        ? Optional.empty()
                        : settings.statusPodSelector());
    }

    private static LoopRules rules(ControllerSettings settings) {
        return new LoopRules(
                new CompileOptions(
                        settings.ingressClass(),
                        settings.controllerClass(),
                        settings.watchWithoutClass(),
                        settings.classByName(),
                        settings.disableCatchAll(),
                        settings.defaultBackendService(),
                        settings.defaultSslCertificate().map(ObjectName::toString),
                        settings.annotationsPrefix(),
                        settings.manifests().isPresent(),
                        settings.listeners(),
                        Map.of()),
                settings.configMap().map(Controller::name),
                settings.publishService().map(Controller::name),
                settings.statusAddresses(),
                settings.nodeInternalAddress());
    }

    private static Scope.Name name(ObjectName name) {
        return new Scope.Name(name.namespace(), name.name());
    }

    private static String namespace(String service) {
        return service.substring(0, service.indexOf('/'));
    }

    private static Set<String> namespaces(Optional<String> namespace) {
        return namespace.map(Set::of).orElse(Set.of());
    }

    /** A round's results, to whoever there is to tell. */
    private record Told(@Nullable Reporter reporter, @Nullable DataPlanes dataPlanes)
            implements ControlLoop.Listener {
        @Override
        public void report(Report report) {
            if (reporter != null) {
                reporter.tell(report);
            }
        }

        @Override
        public void published(DataPlaneStatus status) {
            if (dataPlanes != null) {
                dataPlanes.published(status);
            }
        }
    }
}
