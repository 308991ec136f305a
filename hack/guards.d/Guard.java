import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One guard of the ledger: how to take it out of the program, and the test that must notice. Its file is
 * named {@code NAME.guard}:
 *
 * <pre>
 * row: B1                                        of dataplane's LEDGER.md
 * file: http1/Framing.java                       below dev/fairway/dataplane in the data plane's sources
 * test: proxy.RequestStrictnessTest#refused      class, and method where one is enough
 * case: B1                                       optional: only the cases of a table whose name has this word
 * --- with
 * the text as it stands, exactly, once in the file
 * --- without
 * what it is without the guard
 * </pre>
 *
 * @param digest of the guard's file: a proof holds for what was proved, not for what became of it
 */
record Guard(String name, String row, String file, String test, String only, String with, String without, String digest) {
    static final String ENDING = ".guard";
    static final String WITH = "--- with\n";
    static final String WITHOUT = "--- without\n";

    static List<Guard> all(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Guard> guards = new ArrayList<>();
            for (Path file : files.filter(file -> file.toString().endsWith(ENDING)).sorted().toList()) {
                guards.add(read(file));
            }
            return guards;
        }
    }

    private static Guard read(Path file) throws IOException {
        String name = file.getFileName().toString().replace(ENDING, "");
        String text = Files.readString(file);
        int with = text.indexOf(WITH);
        int without = text.indexOf("\n" + WITHOUT, with);
        if (with < 0 || without < 0) {
            throw new IOException(name + ": lacks \"--- with\" or \"--- without\"");
        }
        Map<String, String> fields = new TreeMap<>();
        for (String line : text.substring(0, with).lines().toList()) {
            int colon = line.indexOf(": ");
            if (colon < 0) {
                throw new IOException(name + ": not a field: " + line);
            }
            fields.put(line.substring(0, colon), line.substring(colon + 2).strip());
        }
        Guard guard =
                new Guard(
                        name,
                        taken(fields, name, "row"),
                        taken(fields, name, "file"),
                        taken(fields, name, "test"),
                        fields.containsKey("case") ? fields.remove("case") : "",
                        text.substring(with + WITH.length(), without),
                        text.substring(without + 1 + WITHOUT.length()).stripTrailing(),
                        digest(text));
        if (!fields.isEmpty()) {
            throw new IOException(name + ": unknown " + fields.keySet());
        }
        return guard;
    }

    private static String taken(Map<String, String> fields, String name, String field) throws IOException {
        String value = fields.remove(field);
        if (value == null) {
            throw new IOException(name + ": lacks " + field);
        }
        return value;
    }

    static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the probe is told to run. */
    String target() {
        return "dev.fairway.dataplane." + test + (only.isEmpty() ? "" : "@" + only);
    }

    /** @throws IOException when the guard is not where its file says */
    String removedFrom(String source) throws IOException {
        int at = source.indexOf(with);
        if (at < 0) {
            throw new IOException("its text is no longer in " + file);
        }
        if (source.indexOf(with, at + 1) >= 0) {
            throw new IOException("its text is more than once in " + file);
        }
        return source.substring(0, at) + without + source.substring(at + with.length());
    }
}
