package dev.fairway.controller.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.VirtualHost;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPathBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRuleBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Budgets at their edges: what is over is refused alone (attack A19). */
class BudgetTest {

    @Test
    void paths_up_to_the_budget_are_served_and_one_more_refuses_the_ingress() {
        // the rule itself counts, too
        assertEquals(Budget.MAX_PATHS - 2, routes(paths(Budget.MAX_PATHS - 2, Map.of(), "/p")));
        assertEquals(Budget.MAX_PATHS - 1, routes(paths(Budget.MAX_PATHS - 1, Map.of(), "/p")));
        assertOver(paths(Budget.MAX_PATHS, Map.of(), "/p"));
    }

    @Test
    void patterns_up_to_the_budget_are_served_and_one_more_refuses_the_ingress() {
        Map<String, String> regex = Map.of("nginx.ingress.kubernetes.io/use-regex", "true");
        assertEquals(Budget.MAX_PATTERNS - 1, routes(paths(Budget.MAX_PATTERNS - 1, regex, "/p")));
        assertEquals(Budget.MAX_PATTERNS, routes(paths(Budget.MAX_PATTERNS, regex, "/p")));
        assertOver(paths(Budget.MAX_PATTERNS + 1, regex, "/p"));
    }

    @Test
    void text_up_to_the_budget_is_served_and_one_character_more_refuses_the_ingress() {
        int fixed = "big.example".length() + "/p0".length() + "example.com/x".length();
        assertEquals(1, routes(text(Budget.MAX_CHARS - fixed - 1)));
        assertEquals(1, routes(text(Budget.MAX_CHARS - fixed)));
        assertOver(text(Budget.MAX_CHARS - fixed + 1));
    }

    @Test
    void a_pattern_is_bounded_in_text_and_in_what_it_compiles_to() {
        Map<String, String> regex = Map.of("nginx.ingress.kubernetes.io/use-regex", "true");
        assertEquals(1, routes(paths(1, regex, "/" + "a".repeat(511))));
        assertEquals(0, routes(paths(1, regex, "/" + "a".repeat(512))));
        assertEquals(1, routes(paths(1, regex, "/(a{1,1000})")));
        assertEquals(0, routes(paths(1, regex, "/((a{1,100}){1,100})")));
        // a billion instructions, were it compiled
        assertEquals(0, routes(paths(1, regex, "/(((a{1,1000}){1,1000}){1,1000})")));
        assertEquals(0, routes(paths(1, regex, "/[x]((([^]]{1000}){1000}){1000})")));
        assertEquals(0, routes(paths(1, regex, "/\\Q[\\E(((a{1000}){1000}){1000})")));
        assertEquals(1, routes(paths(1, regex, "/([a-z]{1,63}\\.){1,5}[0-9]{4}")));
    }

    private static void assertOver(Ingress ingress) {
        Compilation compilation = compile(ingress);
        assertEquals(List.of(), hosts(compilation, "big.example"));
        assertTrue(
                compilation.problems().stream().anyMatch(p -> p.code().equals("OverBudget")),
                () -> compilation.problems().toString());
        assertEquals(1, hosts(compilation, "small.example").size());
    }

    private static int routes(Ingress ingress) {
        return hosts(compile(ingress), "big.example").stream()
                .mapToInt(h -> h.routes().size())
                .sum();
    }

    private static List<VirtualHost> hosts(Compilation compilation, String name) {
        return compilation.snapshot().hosts().stream()
                .filter(h -> HostName.text(h.host()).equals(name))
                .toList();
    }

    private static Compilation compile(Ingress ingress) {
        Ingress small =
                new IngressBuilder(paths(1, Map.of(), "/"))
                        .editMetadata()
                        .withName("small")
                        .endMetadata()
                        .editSpec()
                        .editFirstRule()
                        .withHost("small.example")
                        .endRule()
                        .endSpec()
                        .build();
        ClusterState state =
                new ClusterState(
                        List.of(ingress, small),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of());
        return new Compiler(new FixedRandomness())
                .compile(
                        state,
                        CaseFolder.options("watch-ingress-without-class: true"),
                        Retained.NOTHING,
                        CaseFolder.NOW);
    }

    private static Ingress text(int chars) {
        return paths(1, Map.of("example.com/x", "x".repeat(chars)), "/p");
    }

    private static Ingress paths(int count, Map<String, String> annotations, String prefix) {
        List<HTTPIngressPath> paths = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            paths.add(
                    new HTTPIngressPathBuilder()
                            .withPath(count == 1 && prefix.length() > 2 ? prefix : prefix + i)
                            .withPathType("ImplementationSpecific")
                            .withNewBackend()
                            .withNewService()
                            .withName("s")
                            .withNewPort()
                            .withNumber(80)
                            .endPort()
                            .endService()
                            .endBackend()
                            .build());
        }
        IngressRuleBuilder rule =
                new IngressRuleBuilder()
                        .withHost("big.example")
                        .withNewHttp()
                        .withPaths(paths)
                        .endHttp();
        return new IngressBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("big")
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withRules(rule.build())
                .endSpec()
                .build();
    }
}
