package dev.fairway.controller.compile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRuleBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A cluster full of contention: few hosts and paths, many Ingresses, ages that often tie. */
final class GeneratedCluster {
    private static final String[] HOSTS = {
        "a.example", "b.example", "*.example", "c.a.example", null, "UPPER.example", "bad_host"
    };
    private static final String[] PATHS = {
        "/", "/a", "/a/", "/a/b", "/x(.*)", "/%7Ea", "bad", null
    };
    private static final String[] TYPES = {"Exact", "Prefix", "ImplementationSpecific", null};
    private static final String[][] ANNOTATIONS = {
        {"limit-rps", "5"},
        {"limit-rps", "many"},
        {"use-regex", "true"},
        {"rewrite-target", "/$1"},
        {"canary", "true"},
        {"canary-weight", "20"},
        {"affinity", "cookie"},
        {"auth-type", "basic"},
        {"auth-secret", "users"},
        {"auth-secret", "two/users"},
        {"auth-secret", "one/users"},
        {"whitelist-source-range", "10.0.0.0/8"},
        {"whitelist-source-range", "nowhere"},
        {"enable-cors", "true"},
        {"default-backend", "s1"},
        {"custom-http-errors", "404"},
        {"backend-protocol", "HTTPS"},
        {"proxy-ssl-secret", "one/users"},
        {"no-such-thing", "x"}
    };

    private final Random random;

    GeneratedCluster(long seed) {
        random = new Random(seed);
    }

    List<HasMetadata> objects(int ingresses) {
        List<HasMetadata> all = new ArrayList<>();
        all.add(
                new IngressClassBuilder()
                        .withNewMetadata()
                        .withName("fairway")
                        .endMetadata()
                        .withNewSpec()
                        .withController(CompileOptions.NATIVE_CONTROLLER)
                        .endSpec()
                        .build());
        for (String namespace : List.of("one", "two")) {
            all.add(
                    new SecretBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName("users")
                            .endMetadata()
                            .addToStringData("auth", namespace + ":{PLAIN}x")
                            .build());
            for (int i = 0; i < 3; i++) {
                all.add(service(namespace, "s" + i));
                all.add(slice(namespace, "s" + i, "x"));
                all.add(slice(namespace, "s" + i, "y"));
            }
        }
        for (int i = 0; i < ingresses; i++) {
            all.add(ingress(i));
        }
        return all;
    }

    private Ingress ingress(int i) {
        Map<String, String> annotations = new HashMap<>();
        for (int n = random.nextInt(4); n > 0; n--) {
            String[] one = pick(ANNOTATIONS);
            annotations.put("nginx.ingress.kubernetes.io/" + one[0], one[1]);
        }
        List<IngressRule> rules = new ArrayList<>();
        for (int n = random.nextInt(3); n > 0; n--) {
            IngressRuleBuilder rule = new IngressRuleBuilder().withHost(pick(HOSTS));
            for (int p = random.nextInt(4); p > 0; p--) {
                rule.editOrNewHttp()
                        .addNewPath()
                        .withPath(pick(PATHS))
                        .withPathType(pick(TYPES))
                        .withNewBackend()
                        .withNewService()
                        .withName("s" + random.nextInt(4))
                        .withNewPort()
                        .withNumber(80)
                        .endPort()
                        .endService()
                        .endBackend()
                        .endPath()
                        .endHttp();
            }
            rules.add(rule.build());
        }
        IngressBuilder ingress =
                new IngressBuilder()
                        .withNewMetadata()
                        .withNamespace(random.nextBoolean() ? "one" : "two")
                        .withName("i" + i)
                        .withCreationTimestamp("2026-01-0" + (1 + random.nextInt(3)) + "T00:00:00Z")
                        .withAnnotations(annotations)
                        .endMetadata()
                        .withNewSpec()
                        .withIngressClassName("fairway")
                        .withRules(rules)
                        .endSpec();
        if (random.nextInt(4) == 0) {
            ingress.editSpec()
                    .withNewDefaultBackend()
                    .withNewService()
                    .withName("s" + random.nextInt(4))
                    .withNewPort()
                    .withNumber(80)
                    .endPort()
                    .endService()
                    .endDefaultBackend()
                    .endSpec();
        }
        if (random.nextInt(3) == 0) {
            ingress.editSpec()
                    .addNewTl()
                    .withHosts("a.example", "b.example")
                    .withSecretName("users")
                    .endTl()
                    .endSpec();
        }
        return ingress.build();
    }

    private static HasMetadata service(String namespace, String name) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    private HasMetadata slice(String namespace, String service, String suffix) {
        EndpointSliceBuilder slice =
                new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(service + "-" + suffix)
                        .addToLabels("kubernetes.io/service-name", service)
                        .endMetadata()
                        .withAddressType("IPv4")
                        .withPorts(new EndpointPortBuilder().withPort(8080).build());
        for (int i = 0; i < 5; i++) {
            slice.addToEndpoints(
                    new EndpointBuilder()
                            .withAddresses("10.0.0." + random.nextInt(8))
                            .withNewConditions()
                            .withReady(random.nextBoolean())
                            .withServing(random.nextBoolean())
                            .withTerminating(random.nextBoolean())
                            .endConditions()
                            .build());
        }
        return slice.build();
    }

    private <T> T pick(T[] of) {
        return of[random.nextInt(of.length)];
    }
}
