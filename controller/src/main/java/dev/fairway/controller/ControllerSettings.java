package dev.fairway.controller;

import dev.fairway.contract.Listener;
import dev.fairway.contract.codec.SharedConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What the flags say, read once. {@link Flag} has a word on each.
 *
 * @param watchNamespaces empty: all
 * @param statusAddresses of {@code --publish-status-address}
 * @param listeners where traffic enters unless a DataPlane says otherwise
 */
record ControllerSettings(
        String ingressClass,
        String controllerClass,
        boolean watchWithoutClass,
        boolean classByName,
        SortedSet<String> watchNamespaces,
        Optional<String> namespaceSelector,
        Optional<ObjectName> configMap,
        Optional<String> defaultBackendService,
        Optional<ObjectName> defaultSslCertificate,
        String annotationsPrefix,
        boolean disableCatchAll,
        List<Listener> listeners,
        Optional<ObjectName> publishService,
        List<String> statusAddresses,
        Optional<String> statusPodSelector,
        boolean nodeInternalAddress,
        boolean updateStatus,
        boolean clearStatusAtEnd,
        String electionId,
        boolean leaderElect,
        ObjectName dataPlane,
        String sharedConfigNamespace,
        Optional<Path> manifests,
        Optional<Path> publishFolder,
        Optional<Path> kubeconfig,
        InetSocketAddress healthAddress) {

    /** A namespaced object. */
    record ObjectName(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    /** What a command line comes to. */
    sealed interface Parsed {
        record Run(ControllerSettings settings) implements Parsed {}

        record Help(String text) implements Parsed {}

        record Wrong(List<String> errors) implements Parsed {}
    }

    /** The id under which the two halves find each other. */
    String dataPlaneId() {
        return SharedConfig.id(dataPlane.namespace(), dataPlane.name());
    }

    /**
     * @param environment for {@code POD_NAMESPACE}, the namespace we run in
     */
    static Parsed parse(Map<String, String> environment, String... args) {
        CommandLine line = CommandLine.of(args);
        List<String> errors = new ArrayList<>(line.errors());
        FlagValues values = new FlagValues(line.values(), errors);
        if (values.isOn(Flag.HELP)) {
            return new Parsed.Help(Flag.usage());
        }
        String ours = environment.getOrDefault("POD_NAMESPACE", "fairway");
        ObjectName dataPlane =
                values.object(Flag.DATA_PLANE).orElse(new ObjectName(ours, "fairway"));
        Optional<Path> manifests = values.folder(Flag.MANIFESTS);
        Optional<Path> publishFolder = values.path(Flag.PUBLISH_FOLDER);
        if (manifests.isPresent() && publishFolder.isEmpty()) {
            errors.add(
                    "--manifests: needs --publish-folder: a folder of manifests has no cluster to"
                            + " publish to");
        }
        if (manifests.isPresent()) {
            values.excluded(
                    "has no meaning with --manifests",
                    Flag.KUBECONFIG,
                    Flag.PUBLISH_SERVICE,
                    Flag.STATUS_POD_SELECTOR);
        }
        if (values.given(Flag.WATCH_NAMESPACE) && values.given(Flag.WATCH_NAMESPACE_SELECTOR)) {
            errors.add("--watch-namespace-selector: not together with --watch-namespace");
        }
        if (values.given(Flag.PUBLISH_SERVICE) && values.given(Flag.PUBLISH_STATUS_ADDRESS)) {
            errors.add("--publish-status-address: not together with --publish-service");
        }
        String id = SharedConfig.id(dataPlane.namespace(), dataPlane.name());
        if (id.length() > 63) {
            errors.add("--data-plane: \"" + id + "\" is longer than the 63 characters of a label");
        }
        ControllerSettings settings =
                new ControllerSettings(
                        values.text(Flag.INGRESS_CLASS),
                        values.text(Flag.CONTROLLER_CLASS),
                        values.isOn(Flag.WATCH_INGRESS_WITHOUT_CLASS),
                        values.isOn(Flag.INGRESS_CLASS_BY_NAME),
                        values.namespaces(Flag.WATCH_NAMESPACE),
                        values.selector(Flag.WATCH_NAMESPACE_SELECTOR),
                        values.object(Flag.CONFIGMAP),
                        values.service(Flag.DEFAULT_BACKEND_SERVICE),
                        values.object(Flag.DEFAULT_SSL_CERTIFICATE),
                        values.text(Flag.ANNOTATIONS_PREFIX),
                        values.isOn(Flag.DISABLE_CATCH_ALL),
                        List.of(
                                new Listener(
                                        "http",
                                        values.port(Flag.HTTP_PORT),
                                        Listener.Protocol.HTTP),
                                new Listener(
                                        "https",
                                        values.port(Flag.HTTPS_PORT),
                                        Listener.Protocol.HTTPS)),
                        values.object(Flag.PUBLISH_SERVICE),
                        values.addresses(Flag.PUBLISH_STATUS_ADDRESS),
                        values.selector(Flag.STATUS_POD_SELECTOR),
                        values.isOn(Flag.REPORT_NODE_INTERNAL_IP_ADDRESS),
                        values.isOn(Flag.UPDATE_STATUS),
                        values.isOn(Flag.UPDATE_STATUS_ON_SHUTDOWN),
                        values.label(Flag.ELECTION_ID),
                        values.isOn(Flag.LEADER_ELECT),
                        dataPlane,
                        values.given(Flag.SHARED_CONFIG_NAMESPACE)
                                ? values.label(Flag.SHARED_CONFIG_NAMESPACE)
                                : dataPlane.namespace() + "-shared",
                        manifests,
                        publishFolder,
                        values.file(Flag.KUBECONFIG),
                        values.socket(Flag.HEALTH_ADDRESS));
        return errors.isEmpty() ? new Parsed.Run(settings) : new Parsed.Wrong(List.copyOf(errors));
    }
}
