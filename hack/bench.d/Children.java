import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Every process a run starts, so that it ends with the run, however the run ends. Owned by the main thread and, after it, the shutdown hook. */
final class Children {
    private static final List<Process> ALL = new ArrayList<>();
    private static final boolean BOUND = works("setpriv", "--pdeathsig", "KILL", "true");

    private Children() {}

    static synchronized void add(Process child) {
        ALL.add(child);
    }

    /** Pinned to a core and, where the system can, bound to this process's life. */
    static Process start(int core, List<String> command, Path log, Map<String, String> environment) throws IOException {
        List<String> all = new ArrayList<>();
        if (BOUND) {
            all.addAll(List.of("setpriv", "--pdeathsig", "TERM"));
        }
        all.addAll(List.of("taskset", "-c", "" + core));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process child = builder.start();
        add(child);
        return child;
    }

    /** Asked, then told. A master that is gone would leave its workers: they are ended by their own ids. */
    static void end(Process child) {
        List<ProcessHandle> workers = child.descendants().toList();
        child.destroy();
        try {
            if (!child.waitFor(5, TimeUnit.SECONDS)) {
                child.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            child.destroyForcibly();
        }
        workers.forEach(ProcessHandle::destroyForcibly);
        synchronized (Children.class) {
            ALL.remove(child);
        }
    }

    static void endAll() {
        for (Process child : List.copyOf(ALL)) {
            end(child);
        }
    }

    private static boolean works(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("left behind: " + folder);
        }
    }
}
