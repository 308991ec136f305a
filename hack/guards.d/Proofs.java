import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was proved so far, one line for each guard, in {@code hack/guards.d/proofs.txt}; a test holds it against the guards' files. */
final class Proofs {
    private static final String TITLE = "# guard, digest of its file, the first test that failed without it. Written by hack/guards.\n";

    private final Path file;
    private final Map<String, String> lines = new TreeMap<>();

    Proofs(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                if (!line.startsWith("#")) {
                    lines.put(line.substring(0, line.indexOf(' ')), line);
                }
            }
        }
    }

    void keepOnly(List<Guard> guards) {
        lines.keySet().retainAll(guards.stream().map(Guard::name).toList());
    }

    synchronized void proved(Guard guard, String failed) throws IOException {
        lines.put(guard.name(), guard.name() + " " + guard.digest() + " " + failed);
        write();
    }

    synchronized void failed(Guard guard) throws IOException {
        lines.remove(guard.name());
        write();
    }

    private void write() throws IOException {
        Files.writeString(file, TITLE + String.join("\n", lines.values()) + "\n");
    }
}
