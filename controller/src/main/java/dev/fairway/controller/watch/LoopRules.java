package dev.fairway.controller.watch;

import dev.fairway.contract.Listener;
import dev.fairway.contract.resource.DataPlane;
import dev.fairway.contract.resource.DataPlaneSpec;
import dev.fairway.controller.compile.CompileOptions;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.publish.StatusAddresses;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the flags mean for each round. Precedence: the DataPlane's spec, then the ConfigMap, then
 * these.
 *
 * @param flags options as flags and built-in defaults have them; {@code config} is empty
 * @param configMap the ConfigMap with settings
 * @param publishService whose addresses go into Ingress status
 * @param statusAddresses that go there otherwise
 * @param nodeInternal internal node addresses before external ones
 */
public record LoopRules(
        CompileOptions flags,
        Optional<Scope.Name> configMap,
        Optional<Scope.Name> publishService,
        List<String> statusAddresses,
        boolean nodeInternal) {

    public LoopRules {
        statusAddresses = List.copyOf(statusAddresses);
    }

    /**
     * @param problems where what can't be honoured is added to
     */
    CompileOptions options(View view, List<Problem> problems) {
        Optional<DataPlaneSpec> spec = view.dataPlane().map(DataPlane::getSpec);
        Map<String, String> config = new TreeMap<>();
        configMap
                .flatMap(name -> named(view.state().configMaps(), name))
                .map(ConfigMap::getData)
                .ifPresent(config::putAll);
        spec.map(DataPlaneSpec::config).ifPresent(config::putAll);
        return new CompileOptions(
                flags.ingressClass(),
                flags.controllerClass(),
                flags.watchWithoutClass(),
                flags.classByName(),
                flags.disableCatchAll(),
                flags.defaultBackendService(),
                flags.defaultSslCertificate(),
                flags.annotationsPrefix(),
                flags.allowLoopback(),
                view.dataPlane()
                        .flatMap(dataPlane -> listeners(dataPlane, problems))
                        .orElse(flags.listeners()),
                config);
    }

    /** What Ingress status is to say; empty when we don't know. */
    List<IngressLoadBalancerIngress> addresses(View view) {
        if (publishService.isPresent()) {
            Scope.Name name = publishService.orElseThrow();
            return named(view.state().services(), name)
                    .map(StatusAddresses::ofService)
                    .orElse(List.of());
        }
        return statusAddresses.isEmpty()
                ? StatusAddresses.ofNodes(view.pods(), view.nodes(), nodeInternal)
                : StatusAddresses.of(statusAddresses);
    }

    /** API servers check all this; a folder doesn't. A wrong one costs the listeners alone. */
    private static Optional<List<Listener>> listeners(DataPlane dataPlane, List<Problem> problems) {
        List<DataPlaneSpec.ListenerSpec> specs =
                dataPlane.getSpec() == null ? null : dataPlane.getSpec().listeners();
        if (specs == null || specs.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<Listener> listeners = specs.stream().map(LoopRules::listener).toList();
            if (listeners.stream().map(Listener::name).distinct().count() < listeners.size()) {
                throw new IllegalArgumentException("listener names must differ");
            }
            return Optional.of(listeners);
        } catch (IllegalArgumentException e) {
            problems.add(
                    new Problem(
                            "InvalidListener",
                            new Problem.Subject(
                                    "DataPlane",
                                    dataPlane.getMetadata().getNamespace(),
                                    dataPlane.getMetadata().getName()),
                            "spec.listeners",
                            e.getMessage() + "; the listeners of the flags are used."));
            return Optional.empty();
        }
    }

    private static Listener listener(DataPlaneSpec.ListenerSpec spec) {
        DataPlaneSpec.@Nullable Protocol protocol = spec.protocol();
        String name = spec.name();
        if (protocol == null || name == null) {
            throw new IllegalArgumentException("a listener needs name, port and protocol");
        }
        return new Listener(
                name,
                spec.port(),
                switch (protocol) {
                    case HTTP -> Listener.Protocol.HTTP;
                    case HTTPS -> Listener.Protocol.HTTPS;
                });
    }

    private static <T extends HasMetadata> Optional<T> named(List<T> objects, Scope.Name name) {
        return objects.stream()
                .filter(o ->
                        name.namespace().equals(o.getMetadata().getNamespace())
                                && name.name().equals(o.getMetadata().getName()))
                .findFirst();
    }
}
