package dev.fairway.dataplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/**
 * Which way imports run in the data plane: {@code proxy → http2 → http1; proxy → generation → observe, tls → policy →
 * balance, route → message → contract}.
 */
class WallsTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.fairway.dataplane");

    @Test
    void no_two_packages_import_each_other_by_any_way_round() {
        slices().matching("dev.fairway.dataplane.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void routing_policies_and_balancing_are_plain_java() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.fairway.dataplane.route..",
                        "dev.fairway.dataplane.policy..",
                        "dev.fairway.dataplane.balance..",
                        "dev.fairway.dataplane.message..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(CLASSES);
    }

    @Test
    void policies_and_routing_know_nothing_of_the_wire_or_of_where_snapshots_come_from() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.fairway.dataplane.route..",
                        "dev.fairway.dataplane.policy..",
                        "dev.fairway.dataplane.balance..",
                        "dev.fairway.dataplane.message..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.fairway.dataplane.http1..",
                        "dev.fairway.dataplane.proxy..",
                        "dev.fairway.dataplane.source..",
                        "dev.fairway.dataplane.generation..")
                .check(CLASSES);
    }

    @Test
    void the_wire_knows_nothing_of_the_exchange() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.fairway.dataplane.http1..", "dev.fairway.dataplane.http2..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.fairway.dataplane.proxy..")
                .check(CLASSES);
    }

    @Test
    void request_data_never_meets_a_backtracking_regex() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.fairway.dataplane.route..",
                        "dev.fairway.dataplane.policy..",
                        "dev.fairway.dataplane.message..",
                        "dev.fairway.dataplane.http1..",
                        "dev.fairway.dataplane.http2..",
                        "dev.fairway.dataplane.proxy..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.regex..")
                .check(CLASSES);
    }

    @Test
    void no_kubernetes_client_and_no_http_object_codec_is_on_this_side() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.fabric8..", "io.netty.handler.codec.http..", "javax.script..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(ProcessBuilder.class)
                .check(CLASSES);
    }
}
