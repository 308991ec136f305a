package dev.fairway.controller.compile;

import dev.fairway.contract.Listener;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What flags, the DataPlane and the ConfigMap say, merged by the caller (DataPlane over ConfigMap
 * over flags over built-in).
 *
 * @param ingressClass our class name, for the legacy annotation and {@code ingressClassByName}
 * @param controllerClass the {@code spec.controller} value that is ours; {@code
 *     k8s.io/ingress-nginx} selects compatibility mode
 * @param watchWithoutClass serve Ingresses that name no class
 * @param classByName serve a class by its name, whatever its controller says
 * @param disableCatchAll refuse Ingresses without rules (and hostless default backends)
 * @param defaultBackendService {@code namespace/name[:port]} that answers what nothing else does
 * @param defaultSslCertificate {@code namespace/name} of a TLS Secret
 * @param annotationsPrefix ingress-nginx's prefix, usually {@code nginx.ingress.kubernetes.io}
 * @param allowLoopback endpoints on loopback and link-local addresses are allowed (folder mode)
 * @param listeners the listeners of the data plane
 * @param config ConfigMap keys and values
 */
public record CompileOptions(
        String ingressClass,
        String controllerClass,
        boolean watchWithoutClass,
        boolean classByName,
        boolean disableCatchAll,
        Optional<String> defaultBackendService,
        Optional<String> defaultSslCertificate,
        String annotationsPrefix,
        boolean allowLoopback,
        List<Listener> listeners,
        Map<String, String> config) {

    public static final String NATIVE_CONTROLLER = "fairway.dev/ingress-controller";
    public static final String COMPATIBLE_CONTROLLER = "k8s.io/ingress-nginx";

    public CompileOptions {
        listeners = List.copyOf(listeners);
        config = Map.copyOf(config);
    }

    /** Whether what no annotation says is as ingress-nginx does it (DESIGN section 4). */
    public boolean compatible() {
        return controllerClass.equals(COMPATIBLE_CONTROLLER);
    }
}
