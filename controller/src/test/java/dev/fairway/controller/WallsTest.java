package dev.fairway.controller;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Which way imports run in the controller: {@code watch → compile, publish → contract}. */
class WallsTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.fairway.controller");

    @Test
    void no_two_packages_import_each_other_by_any_way_round() {
        slices().matching("dev.fairway.controller.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void the_compiler_is_pure_it_sees_objects_and_nothing_that_acts() {
        noClasses()
                .that()
                .resideInAPackage("dev.fairway.controller.compile..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.fairway.controller.watch..",
                        "dev.fairway.controller.publish..",
                        "io.fabric8.kubernetes.client..",
                        "io.javaoperatorsdk..",
                        "io.micrometer..",
                        "java.net.http..",
                        "java.nio.file..",
                        "org.slf4j..")
                .orShould()
                .accessClassesThat()
                .belongToAnyOf(System.class, Runtime.class, Thread.class, java.time.Clock.class)
                .check(CLASSES);
    }

    @Test
    void publishing_knows_nothing_of_watching() {
        noClasses()
                .that()
                .resideInAPackage("dev.fairway.controller.publish..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.fairway.controller.watch..")
                .check(CLASSES);
    }

    @Test
    void nothing_here_can_run_a_script_or_a_program() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("javax.script..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(ProcessBuilder.class)
                .check(CLASSES);
    }
}
