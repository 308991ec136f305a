package dev.fairway.controller;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.controller.compile.ClusterState;
import dev.fairway.controller.compile.Compilation;
import dev.fairway.controller.compile.CompileOptions;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.compile.Retained;
import dev.fairway.controller.watch.ControlLoop;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The simplest compile that has all a test of what is around it needs: hosts from rules, endpoints
 * from slices, keys from TLS Secrets, a problem for the annotation {@code wrong}.
 */
final class PlainCompile implements ControlLoop.Compile {

    @Override
    public Compilation compile(
            ClusterState state, CompileOptions options, Retained retained, Instant observedAt) {
        TreeSet<String> hosts = new TreeSet<>();
        TreeSet<String> served = new TreeSet<>();
        TreeSet<String> secrets = new TreeSet<>();
        List<Problem> problems = new ArrayList<>();
        for (Ingress ingress : state.ingresses()) {
            if (!options.ingressClass().equals(ingress.getSpec().getIngressClassName())) {
                continue;
            }
            String namespace = ingress.getMetadata().getNamespace();
            served.add(namespace + "/" + ingress.getMetadata().getName());
            ingress.getSpec().getRules().forEach(rule -> hosts.add(rule.getHost()));
            ingress.getSpec()
                    .getTls()
                    .forEach(tls -> secrets.add(namespace + "/" + tls.getSecretName()));
            String wrong = ingress.getMetadata().getAnnotations().get("wrong");
            if (wrong != null) {
                problems.add(
                        new Problem(
                                "WrongAnnotation",
                                new Problem.Subject(
                                        "Ingress", namespace, ingress.getMetadata().getName()),
                                "metadata.annotations[wrong]",
                                "The value \"" + wrong + "\" is wrong."));
            }
        }
        return new Compilation(
                new Snapshot(
                        Snapshot.EMPTY.settings(),
                        options.listeners(),
                        List.of(),
                        hosts.stream()
                                .map(h -> new VirtualHost(new HostMatch.Exact(h), List.of()))
                                .toList()),
                new Endpoints(
                        state.slices().stream()
                                .map(PlainCompile::set)
                                .sorted((a, b) -> a.backend().compareTo(b.backend()))
                                .toList()),
                keys(state, secrets),
                problems,
                List.copyOf(served));
    }

    private static Endpoints.EndpointSet set(EndpointSlice slice) {
        return new Endpoints.EndpointSet(
                new BackendId(
                        slice.getMetadata().getNamespace(), slice.getMetadata().getName(), 80),
                slice.getEndpoints().stream()
                        .map(e ->
                                new Endpoints.Endpoint(
                                        e.getAddresses().getFirst(),
                                        slice.getPorts().getFirst().getPort(),
                                        Endpoints.Condition.READY))
                        .toList());
    }

    private static Keys keys(ClusterState state, TreeSet<String> wanted) {
        TreeMap<String, Keys.Entry> keys = new TreeMap<>();
        state.secrets().stream()
                .filter(s ->
                        wanted.contains(
                                s.getMetadata().getNamespace() + "/" + s.getMetadata().getName()))
                .forEach(s -> {
                    KeyId id =
                            new KeyId(
                                    "tls/"
                                            + s.getMetadata().getNamespace()
                                            + "/"
                                            + s.getMetadata().getName());
                    keys.put(
                            id.value(),
                            new Keys.Entry(
                                    id,
                                    new Keys.Key.Certificate(
                                            text(s.getData().get("tls.crt")),
                                            text(s.getData().get("tls.key")))));
                });
        return new Keys(List.copyOf(keys.values()));
    }

    private static String text(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
