package dev.fairway.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.controller.ControllerSettings.ObjectName;
import dev.fairway.controller.ControllerSettings.Parsed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControllerSettingsTest {

    @TempDir private Path folder;

    @Test
    void nothing_given_is_a_whole_set_of_defaults() {
        ControllerSettings settings = settings();
        assertEquals("fairway", settings.ingressClass());
        assertEquals("fairway.dev/ingress-controller", settings.controllerClass());
        assertEquals(new ObjectName("fairway", "fairway"), settings.dataPlane());
        assertEquals("fairway-shared", settings.sharedConfigNamespace());
        assertEquals(10254, settings.healthAddress().getPort());
        assertTrue(settings.updateStatus());
        assertTrue(settings.leaderElect());
        assertEquals(Set.of(), settings.watchNamespaces());
    }

    @Test
    void flags_take_an_equals_sign_or_the_next_word_and_switches_stand_alone() {
        ControllerSettings settings =
                settings(
                        "--ingress-class",
                        "nginx",
                        "--controller-class=k8s.io/ingress-nginx",
                        "--watch-ingress-without-class",
                        "--update-status=false",
                        "-disable-catch-all",
                        "--watch-namespace=b,a",
                        "--default-backend-service=web/web:8080",
                        "--publish-status-address=192.0.2.1,lb.example");
        assertEquals("nginx", settings.ingressClass());
        assertEquals("k8s.io/ingress-nginx", settings.controllerClass());
        assertTrue(settings.watchWithoutClass());
        assertEquals(false, settings.updateStatus());
        assertTrue(settings.disableCatchAll());
        assertEquals(List.of("a", "b"), List.copyOf(settings.watchNamespaces()));
        assertEquals(Optional.of("web/web:8080"), settings.defaultBackendService());
        assertEquals(List.of("192.0.2.1", "lb.example"), settings.statusAddresses());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--ingress-clas=x | --ingress-clas: unknown flag; did you mean --ingress-class?",
                "--enable-ssl-chain-completion | --enable-ssl-chain-completion: unknown flag; --help lists them",
                "fairway | \"fairway\": not a flag; flags start with --",
                "--configmap=web | --configmap=web: expected NAMESPACE/NAME",
                "--publish-service=/x | --publish-service=/x: expected NAMESPACE/NAME",
                "--default-backend-service=a/b:0 | --default-backend-service=a/b:0: expected a port between 1 and 65535",
                "--watch-namespace=a,B | --watch-namespace=a,B: expected namespaces with commas between",
                "--watch-namespace-selector=a b | --watch-namespace-selector=a b: expected label=value pairs with commas between",
                "--update-status=maybe | --update-status=maybe: expected true or false",
                "--health-address=10254 | --health-address=10254: expected HOST:PORT",
                "--http-port=99999 | --http-port=99999: expected a port between 1 and 65535",
                "--kubeconfig=/does/not/exist | --kubeconfig=/does/not/exist: expected a file we may read",
                "--ingress-class | --ingress-class: value missing; write --ingress-class=NAME",
            })
    void a_wrong_flag_says_what_and_where(String flag, String error) {
        assertEquals(List.of(error), errors(flag));
    }

    @Test
    void all_errors_come_at_once() {
        assertEquals(3, errors("--configmap=web", "--http-port=x", "--manifests-folder=y").size());
    }

    @Test
    void what_excludes_each_other_is_refused() {
        assertEquals(
                List.of("--watch-namespace-selector: not together with --watch-namespace"),
                errors("--watch-namespace=a", "--watch-namespace-selector=team=a"));
        assertEquals(
                List.of(
                        "--manifests: needs --publish-folder: a folder of manifests has no cluster"
                                + " to publish to"),
                errors("--manifests=" + folder));
        assertEquals(
                List.of("--ingress-class: given twice"),
                errors("--ingress-class=a", "--ingress-class=b"));
    }

    @Test
    void the_pod_s_namespace_is_where_the_data_plane_is_looked_for() {
        Parsed parsed = ControllerSettings.parse(Map.of("POD_NAMESPACE", "edge"));
        ControllerSettings settings = assertInstanceOf(Parsed.Run.class, parsed).settings();
        assertEquals(new ObjectName("edge", "fairway"), settings.dataPlane());
    }

    @Test
    void help_names_every_flag() {
        Parsed.Help help =
                assertInstanceOf(Parsed.Help.class, ControllerSettings.parse(Map.of(), "--help"));
        Set<String> missing = new TreeSet<>();
        for (Flag flag : Flag.values()) {
            if (!help.text().contains("  " + flag)) {
                missing.add(flag.toString());
            }
        }
        assertEquals(Set.of(), missing);
    }

    private static ControllerSettings settings(String... args) {
        return assertInstanceOf(Parsed.Run.class, ControllerSettings.parse(Map.of(), args))
                .settings();
    }

    private static List<String> errors(String... args) {
        return assertInstanceOf(Parsed.Wrong.class, ControllerSettings.parse(Map.of(), args))
                .errors();
    }
}
