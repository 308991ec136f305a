package dev.fairway.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * LEDGER.md says of each row of the attack ledger which guards were taken out and missed; {@code
 * hack/guards} does that. Here is only held together what it left behind: no test runs.
 */
class LedgerTest {
    private static final Path GUARDS = Path.of("../hack/guards.d");
    private static final Path SOURCES = Path.of("src/main/java/dev/fairway/dataplane");
    private static final Path LEDGER = Path.of("src/test/java/dev/fairway/dataplane/LEDGER.md");

    /** A row of the last table: its guards in back quotes, or why there are none. */
    private static final Pattern ROW = Pattern.compile("\\| ([B-F]\\d+) \\| (.+) \\|");

    private record Guard(
            String name, String row, String file, String test, String with, String text) {}

    private static List<Guard> guards() throws IOException {
        try (Stream<Path> files = Files.list(GUARDS)) {
            List<Guard> guards = new ArrayList<>();
            for (Path file : files.filter(f -> f.toString().endsWith(".guard")).sorted().toList()) {
                String text = Files.readString(file);
                String name = file.getFileName().toString().replace(".guard", "");
                int from = text.indexOf("--- with\n") + "--- with\n".length();
                String with = text.substring(from, text.indexOf("\n--- without\n"));
                guards.add(
                        new Guard(
                                name,
                                field(text, "row"),
                                field(text, "file"),
                                field(text, "test"),
                                with,
                                text));
            }
            return guards;
        }
    }

    private static String field(String text, String name) {
        Matcher field = Pattern.compile("(?m)^" + name + ": (.+)$").matcher(text);
        assertTrue(field.find(), name + " is missing in " + text);
        return field.group(1);
    }

    @Test
    void every_guard_is_where_its_file_says_and_its_test_exists() throws Exception {
        for (Guard guard : guards()) {
            String source = Files.readString(SOURCES.resolve(guard.file()));
            int at = source.indexOf(guard.with());
            assertTrue(at >= 0, guard.name() + ": its text is no longer in " + guard.file());
            assertEquals(-1, source.indexOf(guard.with(), at + 1), guard.name() + ": twice");
            String[] test = guard.test().split("#", 2);
            Class<?> type = Class.forName(LedgerTest.class.getPackageName() + "." + test[0]);
            assertTrue(
                    test.length == 1
                            || Arrays.stream(type.getDeclaredMethods())
                                    .anyMatch(method -> method.getName().equals(test[1])),
                    guard.name() + ": no test " + guard.test());
        }
    }

    @Test
    void every_guard_was_seen_missed_as_it_stands() throws Exception {
        Map<String, String> proofs = new TreeMap<>();
        for (String line : Files.readAllLines(GUARDS.resolve("proofs.txt"))) {
            String[] words = line.split(" ", 3);
            if (!line.startsWith("#")) {
                proofs.put(words[0], words[1]);
            }
        }
        Map<String, String> wanted = new TreeMap<>();
        for (Guard guard : guards()) {
            byte[] text = guard.text().getBytes(StandardCharsets.UTF_8);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
            wanted.put(guard.name(), HexFormat.of().formatHex(hash, 0, 4));
        }
        assertEquals(wanted, proofs, "run hack/guards for what differs");
    }

    @Test
    void the_ledger_names_the_guards_of_each_row_or_says_why_there_is_none() throws Exception {
        Map<String, List<String>> wanted = new TreeMap<>();
        rows().forEach(row -> wanted.put(row, new ArrayList<>()));
        for (Guard guard : guards()) {
            assertTrue(wanted.containsKey(guard.row()), guard.name() + ": no row " + guard.row());
            wanted.get(guard.row()).add(guard.name());
        }
        wanted.replaceAll((row, names) -> names.stream().sorted().toList());
        String ledger = Files.readString(LEDGER);
        Map<String, List<String>> said = new TreeMap<>();
        for (String line : ledger.substring(ledger.indexOf("## Guards")).lines().toList()) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                boolean none = row.group(2).startsWith("— ");
                said.put(
                        row.group(1),
                        none ? List.of() : List.of(row.group(2).replace("`", "").split(", ")));
            }
        }
        assertEquals(wanted, said);
    }

    /** Of sections 3.2 to 3.6. */
    private static Stream<String> rows() {
        Map<String, Integer> sections = Map.of("B", 24, "C", 14, "D", 14, "E", 18, "F", 12);
        return sections.entrySet().stream()
                .flatMap(section ->
                        IntStream.rangeClosed(1, section.getValue())
                                .mapToObj(row -> section.getKey() + row));
    }
}
