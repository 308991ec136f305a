package dev.fairway.controller.compile;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Cluster in, snapshot and problems out, for every case folder. {@code -Dcases.update=true} rewrites
 * what is expected; read the difference before it is committed. {@code requests.txt} is never
 * rewritten.
 */
class CaseFoldersTest {
    private static final boolean UPDATE = Boolean.getBoolean("cases.update");

    @TestFactory
    Stream<DynamicTest> each_cluster_compiles_to_what_is_expected() throws IOException {
        List<CaseFolder> all = CaseFolder.all();
        assertFalse(all.isEmpty(), "no case folders");
        return all.stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)));
    }

    private static void check(CaseFolder folder) throws IOException {
        Compilation compilation = folder.compile();
        String expected = CaseFolder.expected(compilation);
        String problems = CaseFolder.problems(compilation);
        if (UPDATE) {
            Files.writeString(folder.folder().resolve("expected.json"), expected);
            Files.writeString(folder.folder().resolve("problems.txt"), problems);
        }
        assertAll(
                () -> requests(folder, compilation),
                () -> assertEquals(folder.text("problems.txt").orElse(""), problems),
                () -> assertEquals(folder.text("expected.json").orElse(""), expected));
    }

    private static void requests(CaseFolder folder, Compilation compilation) throws IOException {
        for (String line : folder.text("requests.txt").orElse("").lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] sides = line.split(" -> ", 2);
            String[] request = sides[0].strip().split(" +", 3);
            assertEquals(
                    sides[1].strip(),
                    FirstMatch.answer(compilation.snapshot(), request[1], request[2]),
                    sides[0]);
        }
    }
}
