import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles a changed file against the compiled program, and runs tests with it in front, in a process of their own. */
final class Trial {
    private static final long MOST_SECONDS = 300;

    /** The process stood still for so long: a test that waits for something may have failed through that. */
    private static final long STOOD_STILL_NANOS = 2_000_000_000L;

    private final Path work;
    private final String java;
    private final String classpath;
    private final List<String> options;

    Trial(Path work, String java, String classpath, List<String> options) {
        this.work = work;
        this.java = java;
        this.classpath = classpath;
        this.options = options;
    }

    /** How one target ended; {@code verdict} is passed, failed or broken. */
    record Outcome(String verdict, String target, String what) {}

    /** Makes the probe. */
    void prepare(Path tool) throws IOException {
        Path probe = work.resolve("probe");
        delete(probe);
        compile(tool.resolve("Probe.java"), probe);
        Path services = Files.createDirectories(probe.resolve("META-INF/services"));
        Files.writeString(services.resolve("org.junit.jupiter.api.extension.Extension"), "Probe$OnlyCase\n");
    }

    /** The test of {@code guard} with the program lacking it. */
    Outcome without(Guard guard, Path sources) throws IOException, InterruptedException {
        Path place = work.resolve(guard.name());
        delete(place);
        Path source = sources.resolve(guard.file());
        Path changed = place.resolve("source").resolve(source.getFileName());
        Files.createDirectories(changed.getParent());
        Files.writeString(changed, guard.removedFrom(Files.readString(source)));
        Path shadow = place.resolve("classes");
        compile(changed, shadow);
        List<Outcome> outcomes = run(shadow + ":", List.of("--first", guard.target()), guard.name());
        return outcomes.isEmpty()
                ? new Outcome("broken", guard.target(), "its process said nothing; see target/guards/" + guard.name() + ".log")
                : outcomes.getFirst();
    }

    /** Each target with the program as it is. */
    List<Outcome> unchanged(List<String> targets, String log) throws IOException, InterruptedException {
        return run("", targets, log);
    }

    private List<Outcome> run(String front, List<String> arguments, String name) throws IOException, InterruptedException {
        for (int tries = 0; ; tries++) {
            Path log = work.resolve(name + ".log");
            List<String> command = new ArrayList<>(List.of(java));
            command.addAll(options);
            command.addAll(List.of("-cp", front + work.resolve("probe") + ":" + classpath, "Probe"));
            command.addAll(arguments);
            Process process =
                    new ProcessBuilder(command)
                            .directory(work.resolve("../../dataplane").normalize().toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            boolean smooth = await(process);
            List<Outcome> outcomes = outcomes(log);
            boolean allPassed = outcomes.stream().allMatch(outcome -> outcome.verdict().equals("passed"));
            if (smooth || allPassed || tries == 3) {
                return outcomes;
            }
        }
    }

    /** False when the machine stood still meanwhile. */
    private static boolean await(Process process) throws InterruptedException {
        long began = System.nanoTime();
        boolean smooth = true;
        for (long last = began; ; last = System.nanoTime()) {
            boolean ended = process.waitFor(200, TimeUnit.MILLISECONDS);
            long now = System.nanoTime();
            if (now - last > STOOD_STILL_NANOS) {
                smooth = false;
                began += now - last;
            }
            if (ended) {
                return smooth;
            }
            if (now - began > TimeUnit.SECONDS.toNanos(MOST_SECONDS)) {
                process.destroyForcibly().waitFor();
                return smooth;
            }
        }
    }

    private static List<Outcome> outcomes(Path log) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        for (String line : new String(Files.readAllBytes(log), StandardCharsets.UTF_8).split("\n")) {
            int mark = line.indexOf('\u0001');
            if (mark >= 0) {
                String[] parts = line.substring(mark + 1).split("\t", 3);
                outcomes.add(new Outcome(parts[0], parts[1], parts[2]));
            }
        }
        return outcomes;
    }

    private void compile(Path source, Path to) throws IOException {
        Files.createDirectories(to);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> flags = List.of("-d", to.toString(), "-cp", classpath, "-proc:none", "-nowarn", "-implicit:none", "-XDignore.symbol.file");
            if (!compiler.getTask(errors, files, null, flags, null, files.getJavaFileObjects(source)).call()) {
                throw new IOException("does not compile: " + errors.toString().strip());
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
