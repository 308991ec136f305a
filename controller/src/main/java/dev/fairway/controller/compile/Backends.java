package dev.fairway.controller.compile;

import dev.fairway.contract.BackendId;
import dev.fairway.controller.compile.Problem.Subject;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceBackendPort;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Service names and ports → backends. What is missing still has a backend, one without endpoints:
 * the data plane answers 503 (or asks the Ingress's {@code default-backend}), and the route recovers
 * without a change of the Ingress. A port that has no number gets one that the Service doesn't use.
 */
final class Backends {
    private static final int HIGHEST_PORT = 65535;
    private static final String TCP = "TCP";

    private final Catalogue catalogue;
    private final boolean compatible;
    private final Problems problems;

    Backends(Catalogue catalogue, boolean compatible, Problems problems) {
        this.catalogue = catalogue;
        this.compatible = compatible;
        this.problems = problems;
    }

    /**
     * @param written the port as the Ingress wrote it
     * @param appProtocol what the Service port says it speaks
     */
    record Resolved(BackendId id, String written, Optional<String> appProtocol) {}

    /** Always somewhere; reports on {@code subject} when that is nowhere yet. */
    Resolved resolve(
            String namespace, IngressServiceBackend backend, Subject subject, String field) {
        Optional<ServiceBackendPort> port = Optional.ofNullable(backend.getPort());
        Optional<Integer> number = port.map(ServiceBackendPort::getNumber).filter(n -> n > 0);
        Optional<String> name = port.map(ServiceBackendPort::getName).filter(n -> !n.isEmpty());
        String written = name.or(() -> number.map(String::valueOf)).orElse("");
        Optional<Service> service = catalogue.service(namespace, backend.getName());
        if (service.isEmpty()) {
            problems.report(
                    ProblemCode.SERVICE_MISSING,
                    subject,
                    field + ".service.name",
                    "the Service "
                            + Printable.quoted(backend.getName())
                            + " doesn't exist; requests are answered 503 until it does");
            return nowhere(namespace, backend.getName(), number, written, Set.of());
        }
        if (service.map(Service::getSpec)
                .map(s -> s.getType())
                .filter("ExternalName"::equals)
                .isPresent()) {
            problems.report(
                    ProblemCode.EXTERNAL_NAME_UNSUPPORTED,
                    subject,
                    field + ".service.name",
                    "the Service "
                            + Printable.quoted(backend.getName())
                            + " is of type ExternalName, which is not served yet; requests are"
                            + " answered 503");
            return nowhere(namespace, backend.getName(), number, written, Set.of());
        }
        List<ServicePort> ports = tcpPorts(service.get());
        Optional<ServicePort> found =
                ports.stream()
                        .filter(p ->
                                name.isPresent()
                                        ? name.get().equals(p.getName())
                                        : number.filter(p.getPort()::equals).isPresent())
                        .findFirst();
        if (found.isEmpty() && compatible) {
            found = byTargetPort(ports, written);
            found.ifPresent(p ->
                    problems.report(
                            ProblemCode.TARGET_PORT_USED,
                            subject,
                            field + ".service.port",
                            Printable.quoted(written)
                                    + " is a target port of the Service "
                                    + Printable.quoted(backend.getName())
                                    + ", not a port; its port "
                                    + p.getPort()
                                    + " is used, as in ingress-nginx"));
        }
        if (found.isEmpty()) {
            problems.report(
                    ProblemCode.PORT_MISSING,
                    subject,
                    field + ".service.port",
                    "the Service "
                            + Printable.quoted(backend.getName())
                            + " has no TCP port "
                            + Printable.quoted(written)
                            + "; requests are answered 503 until it has");
            Set<Integer> used = new HashSet<>();
            ports.forEach(p -> used.add(p.getPort()));
            return nowhere(namespace, backend.getName(), number, written, used);
        }
        return new Resolved(
                new BackendId(namespace, backend.getName(), found.get().getPort()),
                written,
                Optional.ofNullable(found.get().getAppProtocol()));
    }

    private static Resolved nowhere(
            String namespace,
            String service,
            Optional<Integer> number,
            String written,
            Set<Integer> used) {
        int port = number.filter(n -> n <= HIGHEST_PORT).orElse(HIGHEST_PORT);
        while (used.contains(port)) {
            port--;
        }
        return new Resolved(new BackendId(namespace, service, port), written, Optional.empty());
    }

    private static Optional<ServicePort> byTargetPort(List<ServicePort> ports, String written) {
        return ports.stream()
                .filter(p ->
                        p.getTargetPort() != null
                                && written.equals(
                                        p.getTargetPort().getStrVal() != null
                                                ? p.getTargetPort().getStrVal()
                                                : String.valueOf(p.getTargetPort().getIntVal())))
                .findFirst();
    }

    Optional<BackendId> firstPort(String namespace, String service) {
        return catalogue
                .service(namespace, service)
                .flatMap(s -> tcpPorts(s).stream().findFirst())
                .map(p -> new BackendId(namespace, service, p.getPort()));
    }

    /** HTTP runs over TCP: a UDP port with the same number is another port. */
    static List<ServicePort> tcpPorts(Service service) {
        return Optional.ofNullable(service.getSpec())
                .map(spec -> spec.getPorts())
                .orElse(List.of())
                .stream()
                .filter(p -> p.getPort() != null)
                .filter(p -> p.getProtocol() == null || p.getProtocol().equals(TCP))
                .toList();
    }
}
