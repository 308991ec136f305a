import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A proxy that is measured: how it is told what a {@link Setup} asks for, and how it is started. */
interface Peer {
    String name();

    /** As the proxy itself says it. */
    String version();

    /** Why it can't be run on this machine. */
    Optional<String> missing();

    /** Why it can't take part in a scenario, where that is known beforehand. */
    default Optional<String> excused(Scenario scenario) {
        return Optional.empty();
    }

    /** Writes its configuration and returns its command line: one core, keep-alive on both sides. */
    List<String> command(Site site) throws IOException, InterruptedException;

    /** Whether it compiles itself while it runs, and so needs load, uncounted, until it is what it is for the rest of its life. */
    default boolean compiles() {
        return false;
    }

    static Optional<String> present(String program, String where) {
        return !program.isEmpty() && Files.isExecutable(Path.of(program)) ? Optional.empty() : Optional.of("not available (" + where + ")");
    }

    /** The first line that holds {@code word}. */
    static String ask(String word, String... command) {
        try {
            Process asked = new ProcessBuilder(command).redirectErrorStream(true).start();
            asked.getOutputStream().close();
            String all = new String(asked.getInputStream().readAllBytes());
            return all.lines().filter(line -> line.contains(word)).findFirst().orElse("unknown").strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    static String tool(String name) {
        return Optional.ofNullable(System.getenv("BENCH_" + name)).orElse("");
    }
}
