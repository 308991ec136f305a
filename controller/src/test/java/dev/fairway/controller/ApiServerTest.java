package dev.fairway.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.codec.Decoded;
import dev.fairway.contract.codec.Manifest;
import dev.fairway.contract.codec.ManifestCodec;
import dev.fairway.contract.codec.SharedConfig;
import dev.fairway.contract.resource.DataPlane;
import dev.fairway.contract.resource.DataPlaneSpec;
import dev.fairway.controller.compile.Compiler;
import dev.fairway.controller.compile.SystemRandomness;
import dev.fairway.controller.observe.ControllerMetrics;
import dev.fairway.controller.watch.ControlLoop;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceStatusBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A controller against a real API server, with exactly the rights that the chart gives: every test
 * here is one of the RBAC rules, too.
 */
@Tag("apiserver")
@Timeout(90)
class ApiServerTest {

    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String SHARED = "fairway-shared";
    private static final String ID = "fairway.fairway";

    private static RealApiServer server;
    private static KubernetesClient admin;
    private static int tests;

    private final List<Controller> controllers = new ArrayList<>();
    private final List<CuttableProxy> wires = new ArrayList<>();
    private final List<String> over = new CopyOnWriteArrayList<>();

    /** A namespace of each test's own. */
    private String namespace;

    @BeforeAll
    static void start() throws IOException {
        server = RealApiServer.start();
        admin = server.admin;
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void fresh() {
        namespace = "test-" + ++tests;
        admin.namespaces().resource(namespaceNamed(namespace)).create();
    }

    @AfterEach
    void end() throws IOException {
        controllers.forEach(Controller::close);
        for (CuttableProxy wire : wires) {
            wire.close();
        }
        admin.network().v1().ingresses().inNamespace(namespace).delete();
        admin.discovery().v1().endpointSlices().inNamespace(namespace).delete();
        admin.secrets().inNamespace(namespace).delete();
        admin.configMaps().inNamespace(SHARED).withLabel(SharedConfig.DATA_PLANE_LABEL).delete();
        admin.secrets().inNamespace(SHARED).withLabel(SharedConfig.DATA_PLANE_LABEL).delete();
        admin.leases().inNamespace("fairway").delete();
        admin.resources(DataPlane.class).inNamespace("fairway").delete();
    }

    @Test
    void publishes_chunks_and_a_manifest_that_names_them_without_a_DataPlane_object()
            throws Exception {
        ingress("web", "web.example");
        controller();

        Manifest manifest = published();
        assertTrue(manifest.epoch() > 0);
        assertTrue(routes(manifest).contains("web.example"), routes(manifest));
        Secret keys =
                admin.secrets()
                        .inNamespace(SHARED)
                        .withName(SharedConfig.chunkName(ID, manifest.keys().chunks().getFirst()))
                        .get();
        assertEquals(SharedConfig.SECRET_TYPE, keys.getType());
        assertEquals(Boolean.TRUE, keys.getImmutable());
        assertTrue(
                manifest.watermarks().stream().anyMatch(mark -> mark.kind().equals("Ingress")),
                manifest.watermarks().toString());
    }

    @Test
    void an_endpoint_change_rewrites_the_endpoints_alone() throws Exception {
        ingress("web", "web.example");
        slice("web", "10.1.0.1");
        controller();
        Manifest before = published();

        slice("web", "10.1.0.2");
        Manifest after = newerThan(before);

        assertEquals(before.routes(), after.routes());
        assertEquals(before.keys(), after.keys());
        assertNotEquals(before.endpoints(), after.endpoints());
        assertEquals(before.epoch(), after.epoch());
    }

    @Test
    void a_rotated_secret_rewrites_the_keys_alone_and_never_enters_a_ConfigMap() throws Exception {
        ingress("web", "web.example");
        secret("tls-web", "first-private-key");
        controller();
        Manifest before = published();

        secret("tls-web", "second-private-key");
        Manifest after = newerThan(before);

        assertEquals(before.routes(), after.routes());
        assertEquals(before.endpoints(), after.endpoints());
        assertNotEquals(before.keys(), after.keys());
        for (ConfigMap map : admin.configMaps().inNamespace(SHARED).list().getItems()) {
            assertFalse(
                    map.getData().toString().contains("private-key"), map.getMetadata().getName());
        }
    }

    @Test
    void status_is_written_on_served_Ingresses_only_and_cleared_when_they_leave() throws Exception {
        Ingress ours = ingress("ours", "ours.example");
        Ingress other =
                admin.resource(
                                new IngressBuilder(template("other", "other.example"))
                                        .editSpec()
                                        .withIngressClassName("other")
                                        .endSpec()
                                        .build())
                        .create();
        other.setStatus(template("x", "x.example").getStatus());
        controller("--publish-status-address=192.0.2.7,lb.example");

        Eventually.within(
                SOON,
                "status",
                () ->
                        addresses(ours).equals(List.of("lb.example", "192.0.2.7"))
                                || addresses(ours).equals(List.of("192.0.2.7", "lb.example")));
        assertEquals(List.of(), addresses(other));

        admin.network()
                .v1()
                .ingresses()
                .inNamespace(namespace)
                .withName("ours")
                .edit(i ->
                        new IngressBuilder(i)
                                .editSpec()
                                .withIngressClassName("other")
                                .endSpec()
                                .build());
        Eventually.within(SOON, "cleared status", () -> addresses(ours).isEmpty());
    }

    @Test
    void a_status_another_controller_wrote_is_left_alone() throws Exception {
        Ingress other =
                admin.resource(
                                new IngressBuilder(template("other", "other.example"))
                                        .editSpec()
                                        .withIngressClassName("other")
                                        .endSpec()
                                        .build())
                        .create();
        admin.resource(
                        new IngressBuilder(other)
                                .withNewStatus()
                                .withNewLoadBalancer()
                                .addNewIngress()
                                .withIp("192.0.2.7")
                                .endIngress()
                                .endLoadBalancer()
                                .endStatus()
                                .build())
                .updateStatus();
        ingress("ours", "ours.example");
        controller("--publish-status-address=192.0.2.7");

        Eventually.within(
                SOON,
                "our status",
                () -> addresses(template("ours", "")).equals(List.of("192.0.2.7")));
        assertEquals(List.of("192.0.2.7"), addresses(other));
    }

    @Test
    void a_problem_is_one_Event_on_its_Ingress_with_no_control_characters() throws Exception {
        Ingress bad =
                admin.resource(
                                new IngressBuilder(template("bad", "bad.example"))
                                        .editMetadata()
                                        .addToAnnotations("wrong", "a\u001b[31mb\nc")
                                        .endMetadata()
                                        .build())
                        .create();
        controller();
        published();

        Eventually.within(SOON, "the Event", () -> events().size() == 1);
        // another round with the same problem
        ingress("web", "web.example");
        Eventually.within(SOON, "next round", () -> routes(published()).contains("web.example"));
        Thread.sleep(500);

        Event event = events().getFirst();
        assertEquals(1, events().size(), events().toString());
        assertEquals("WrongAnnotation", event.getReason());
        assertEquals("Warning", event.getType());
        assertEquals(bad.getMetadata().getUid(), event.getInvolvedObject().getUid());
        assertEquals(
                "metadata.annotations[wrong]: The value \"a\\u001b[31mb\\u000ac\" is wrong.",
                event.getMessage());
    }

    @Test
    void a_DataPlane_object_wins_over_flags_and_learns_what_was_published() throws Exception {
        ingress("web", "web.example");
        controller();
        Manifest flags = published();

        DataPlane dataPlane = new DataPlane();
        dataPlane.setMetadata(
                new ObjectMetaBuilder().withNamespace("fairway").withName("fairway").build());
        dataPlane.setSpec(
                new DataPlaneSpec(
                        List.of(
                                new DataPlaneSpec.ListenerSpec(
                                        "special", 8181, DataPlaneSpec.Protocol.HTTP)),
                        Map.of()));
        admin.resource(dataPlane).create();

        Manifest after = newerThan(flags);
        assertTrue(routes(after).contains("special"), routes(after));
        Eventually.within(
                SOON,
                "DataPlane status",
                () -> {
                    DataPlane now = admin.resource(dataPlane).get();
                    return now.getStatus() != null
                            && Long.valueOf(after.sequence()).equals(now.getStatus().sequence())
                            && Integer.valueOf(1).equals(now.getStatus().hosts());
                });

        admin.resource(dataPlane).delete();
        Eventually.within(
                SOON, "flags again", () -> !routes(manifest().orElseThrow()).contains("special"));
    }

    @Test
    void deleted_chunks_and_manifest_come_back_within_five_seconds() throws Exception {
        ingress("web", "web.example");
        controller();
        Manifest before = published();
        Set<String> chunks = chunkNames();

        admin.configMaps().inNamespace(SHARED).withLabel(SharedConfig.DATA_PLANE_LABEL).delete();
        admin.secrets().inNamespace(SHARED).withLabel(SharedConfig.DATA_PLANE_LABEL).delete();

        Eventually.within(
                Duration.ofSeconds(5),
                "everything is back",
                () -> manifest().isPresent() && chunkNames().equals(chunks));
        assertEquals(before.routes(), manifest().orElseThrow().routes());
        assertTrue(manifest().orElseThrow().newerThan(before.epoch(), before.sequence()));
    }

    @Test
    void two_controllers_one_leads_and_the_next_raises_the_epoch() throws Exception {
        ingress("web", "web.example");
        Controller first = controller();
        Manifest before = published();
        Controller second = controller();
        Eventually.within(SOON, "the follower is ready", () -> ready(second).equals("ok\n"));
        assertEquals(before, manifest().orElseThrow());

        first.close();
        controllers.remove(first);

        Eventually.within(
                SOON,
                "the next leader",
                () -> manifest().orElseThrow().epoch() == before.epoch() + 1);
        ingress("more", "more.example");
        Eventually.within(
                SOON, "its publication", () -> routes(published()).contains("more.example"));
        assertEquals(List.of(), over);
    }

    @Test
    void a_leader_whose_epoch_was_passed_stops_at_once() throws Exception {
        ingress("web", "web.example");
        controller();
        Manifest before = published();
        // as a leader that took over while this one was paused
        edit(
                new Manifest(
                        before.format(),
                        before.epoch() + 1,
                        0,
                        before.routes(),
                        before.endpoints(),
                        before.keys(),
                        before.watermarks()));

        ingress("late", "late.example");

        Eventually.within(SOON, "the fence", () -> !over.isEmpty());
        assertEquals(before.epoch() + 1, manifest().orElseThrow().epoch());
        assertFalse(routes(manifest().orElseThrow()).contains("late.example"));
    }

    @Test
    void only_watched_namespaces_are_served_by_name_or_by_label() throws Exception {
        ingress("web", "web.example");
        Ingress elsewhere = template("away", "away.example");
        elsewhere.getMetadata().setNamespace("default");
        admin.resource(elsewhere).create();
        try {
            Controller byName = controller("--watch-namespace=" + namespace);
            String routes = routes(published());
            assertTrue(routes.contains("web.example"), routes);
            assertFalse(routes.contains("away.example"), routes);
            byName.close();
            controllers.remove(byName);

            // the chart gives the right to read Namespaces only where this flag is set
            start(
                    ApiServer.connect(new ConfigBuilder(server.config).build(), status -> {}),
                    new PlainCompile(),
                    "--watch-namespace-selector=kubernetes.io/metadata.name=default");
            Eventually.within(
                    SOON,
                    "the labelled namespace",
                    () -> {
                        String now = routes(published());
                        return now.contains("away.example") && !now.contains("web.example");
                    });
        } finally {
            admin.resource(elsewhere).delete();
        }
    }

    @Test
    void with_the_real_compiler_a_missing_Service_is_told_on_the_Ingress_and_comes_back()
            throws Exception {
        admin.resource(
                        new IngressClassBuilder()
                                .withNewMetadata()
                                .withName("fairway")
                                .endMetadata()
                                .withNewSpec()
                                .withController("fairway.dev/ingress-controller")
                                .endSpec()
                                .build())
                .createOr(r -> r.update());
        Service front =
                admin.resource(service("fairway", "front", "LoadBalancer"))
                        .createOr(r -> r.update());
        front.setStatus(
                new ServiceStatusBuilder()
                        .withNewLoadBalancer()
                        .addNewIngress()
                        .withIp("192.0.2.44")
                        .endIngress()
                        .endLoadBalancer()
                        .build());
        admin.resource(front).updateStatus();
        Ingress web = ingress("web", "web.example");

        start(
                ApiServer.connect(server.asController(server.port()), status -> {}),
                new Compiler(new SystemRandomness())::compile,
                "--publish-service=fairway/front");

        Eventually.within(SOON, "status", () -> addresses(web).equals(List.of("192.0.2.44")));
        Eventually.within(
                SOON,
                "an Event about the Service",
                () -> events().stream().anyMatch(e -> e.getMessage().contains("service")));
        admin.resource(service(namespace, "web", "ClusterIP")).create();
        slice("web", "10.1.0.1");
        Eventually.within(
                SOON, "the endpoint", () -> text(published().endpoints()).contains("10.1.0.1"));
    }

    @Test
    void a_server_restored_from_a_backup_is_believed_though_its_revisions_are_lower()
            throws Exception {
        ingress("web", "web.example");
        Controller first = controller();
        Manifest before = published();
        first.close();
        controllers.remove(first);
        edit(
                new Manifest(
                        before.format(),
                        before.epoch(),
                        before.sequence(),
                        before.routes(),
                        before.endpoints(),
                        before.keys(),
                        List.of(new Manifest.Watermark("Ingress", "999999999999"))));

        ingress("more", "more.example");
        controller();

        Eventually.within(
                SOON, "a publication", () -> routes(published()).contains("more.example"));
    }

    @Test
    void a_leader_that_sees_another_hold_its_lease_ends() throws Exception {
        ingress("web", "web.example");
        controller();
        published();
        admin.leases()
                .inNamespace("fairway")
                .withName("fairway-leader")
                .edit(lease -> {
                    lease.getSpec().setHolderIdentity("another");
                    return lease;
                });
        Eventually.within(SOON, "the end", () -> over.contains("another replica holds the lease"));
    }

    @Test
    void an_API_server_that_goes_and_comes_back_loses_nothing() throws Exception {
        CuttableProxy wire = new CuttableProxy(server.port());
        wires.add(wire);
        ingress("web", "web.example");
        controllerAt(wire.port(), "--leader-elect=false");
        Manifest before = published();

        wire.cut();
        ingress("meanwhile", "meanwhile.example");
        admin.network().v1().ingresses().inNamespace(namespace).withName("web").delete();
        Thread.sleep(3_000);
        assertEquals(before, manifest().orElseThrow());
        wire.mend();

        Eventually.within(
                Duration.ofSeconds(40),
                "what happened meanwhile",
                () -> {
                    String routes = routes(manifest().orElseThrow());
                    return routes.contains("meanwhile.example") && !routes.contains("web.example");
                });
        assertEquals(List.of(), over);
    }

    @Test
    void equal_content_is_not_written_again_not_even_after_a_restart_of_the_controller()
            throws Exception {
        ingress("web", "web.example");
        Controller first = controller();
        Manifest before = published();
        Set<String> chunks = chunkVersions();
        first.close();
        controllers.remove(first);

        controller();
        Eventually.within(
                SOON, "next epoch", () -> manifest().orElseThrow().epoch() > before.epoch());
        Thread.sleep(700);

        assertEquals(chunks, chunkVersions());
        assertEquals(0, manifest().orElseThrow().sequence());
    }

    private Controller controller(String... flags) throws IOException {
        return controllerAt(server.port(), flags);
    }

    private Controller controllerAt(int port, String... flags) throws IOException {
        return start(
                ApiServer.connect(server.asController(port), status -> {}),
                new PlainCompile(),
                flags);
    }

    private Controller start(KubernetesClient client, ControlLoop.Compile compile, String... flags)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(flags));
        all.add("--health-address=127.0.0.1:0");
        all.add("--data-plane=fairway/fairway");
        ControllerSettings settings =
                switch (ControllerSettings.parse(Map.of(), all.toArray(String[]::new))) {
                    case ControllerSettings.Parsed.Run run -> run.settings();
                    case ControllerSettings.Parsed.Help help -> throw new AssertionError(help);
                    case ControllerSettings.Parsed.Wrong wrong -> throw new AssertionError(wrong);
                };
        Controller controller =
                Controller.of(settings, client, compile, new ControllerMetrics(), over::add);
        controllers.add(controller);
        controller.start();
        return controller;
    }

    private static String ready(Controller controller) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://127.0.0.1:"
                                                        + controller.adminPort()
                                                        + "/readyz"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private Ingress ingress(String name, String host) {
        return admin.resource(template(name, host)).create();
    }

    private Ingress template(String name, String host) {
        return new IngressBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withIngressClassName("fairway")
                .addNewTl()
                .addToHosts(host)
                .withSecretName("tls-" + name)
                .endTl()
                .addNewRule()
                .withHost(host)
                .withNewHttp()
                .addNewPath()
                .withPath("/")
                .withPathType("Prefix")
                .withNewBackend()
                .withNewService()
                .withName("web")
                .withNewPort()
                .withNumber(80)
                .endPort()
                .endService()
                .endBackend()
                .endPath()
                .endHttp()
                .endRule()
                .endSpec()
                .build();
    }

    private static Service service(String namespace, String name, String type) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withType(type)
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    /** API servers refuse loopback addresses in slices. */
    private void slice(String name, String address) {
        admin.resource(
                        new EndpointSliceBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(name)
                                .addToLabels("kubernetes.io/service-name", name)
                                .endMetadata()
                                .withAddressType("IPv4")
                                .addNewEndpoint()
                                .addToAddresses(address)
                                .endEndpoint()
                                .addNewPort()
                                .withPort(8080)
                                .endPort()
                                .build())
                .createOr(r -> r.update());
    }

    private void secret(String name, String privateKey) {
        admin.resource(
                        new SecretBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(name)
                                .endMetadata()
                                .withType("kubernetes.io/tls")
                                .addToStringData("tls.crt", "certificate")
                                .addToStringData("tls.key", privateKey)
                                .build())
                .createOr(r -> r.update());
    }

    /** The manifest once what this test has made is in it. */
    private Manifest published() {
        Manifest[] found = new Manifest[1];
        Eventually.within(
                SOON,
                "a publication; " + over,
                () -> {
                    Optional<Manifest> now = manifest();
                    now.ifPresent(m -> found[0] = m);
                    return now.isPresent() && now.get().sequence() > 0;
                });
        return found[0];
    }

    private Manifest newerThan(Manifest before) {
        Manifest[] found = new Manifest[1];
        Eventually.within(
                SOON,
                "a newer publication",
                () -> {
                    found[0] = manifest().orElseThrow();
                    return found[0].newerThan(before.epoch(), before.sequence());
                });
        return found[0];
    }

    private static Optional<Manifest> manifest() {
        return Optional.ofNullable(
                        admin.configMaps()
                                .inNamespace(SHARED)
                                .withName(SharedConfig.manifestName(ID))
                                .get())
                .map(map ->
                        switch (ManifestCodec.decode(
                                map.getData()
                                        .get(SharedConfig.MANIFEST_KEY)
                                        .getBytes(StandardCharsets.UTF_8))) {
                            case Decoded.Accepted<Manifest> accepted -> accepted.value();
                            case Decoded.Refused<Manifest> refused ->
                                    throw new AssertionError(refused.reason());
                        });
    }

    private static void edit(Manifest manifest) {
        String text = new String(ManifestCodec.encode(manifest), StandardCharsets.UTF_8);
        admin.configMaps()
                .inNamespace(SHARED)
                .withName(SharedConfig.manifestName(ID))
                .edit(map -> {
                    map.setData(Map.of(SharedConfig.MANIFEST_KEY, text));
                    return map;
                });
    }

    private static String routes(Manifest manifest) {
        return text(manifest.routes());
    }

    private static String text(Manifest.Document document) {
        return document.chunks().stream()
                .map(hash ->
                        admin.configMaps()
                                .inNamespace(SHARED)
                                .withName(SharedConfig.chunkName(ID, hash))
                                .get()
                                .getData()
                                .get(SharedConfig.CHUNK_KEY))
                .collect(Collectors.joining());
    }

    private static Set<String> chunkNames() {
        Set<String> names =
                admin
                        .configMaps()
                        .inNamespace(SHARED)
                        .withLabel(SharedConfig.CONTENT_LABEL, "chunk")
                        .list()
                        .getItems()
                        .stream()
                        .map(map -> map.getMetadata().getName())
                        .collect(Collectors.toSet());
        admin.secrets()
                .inNamespace(SHARED)
                .withLabel(SharedConfig.CONTENT_LABEL, "keys")
                .list()
                .getItems()
                .forEach(secret -> names.add(secret.getMetadata().getName()));
        return names;
    }

    private static Set<String> chunkVersions() {
        return admin
                .configMaps()
                .inNamespace(SHARED)
                .withLabel(SharedConfig.CONTENT_LABEL, "chunk")
                .list()
                .getItems()
                .stream()
                .map(m -> m.getMetadata().getName() + m.getMetadata().getResourceVersion())
                .collect(Collectors.toSet());
    }

    private static List<String> addresses(Ingress ingress) {
        Ingress now = admin.resource(ingress).get();
        return now.getStatus() == null || now.getStatus().getLoadBalancer() == null
                ? List.of()
                : now.getStatus().getLoadBalancer().getIngress().stream()
                        .map(a -> a.getIp() != null ? a.getIp() : a.getHostname())
                        .toList();
    }

    private List<Event> events() {
        return admin.v1().events().inNamespace(namespace).list().getItems();
    }

    private static io.fabric8.kubernetes.api.model.Namespace namespaceNamed(String name) {
        return new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build();
    }
}
