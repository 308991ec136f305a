package dev.fairway.contract;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Which way imports run in the contract. */
class WallsTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.fairway.contract");

    @Test
    void the_contract_stands_on_java_base_alone() {
        classes()
                .that()
                .resideInAPackage("dev.fairway.contract")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.fairway.contract", "java..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void the_codec_knows_the_contract_and_a_json_parser() {
        classes()
                .that()
                .resideInAPackage("dev.fairway.contract.codec")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.fairway.contract",
                        "dev.fairway.contract.codec",
                        "com.fasterxml.jackson.core..",
                        "java..",
                        "org.jspecify..")
                .check(CLASSES);
    }
}
