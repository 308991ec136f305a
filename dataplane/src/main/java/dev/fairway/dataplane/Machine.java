package dev.fairway.dataplane;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process may use of the machine it runs on.
 *
 * @param files how many it may have open at once
 * @param memory bytes of heap and of direct buffers together
 */
record Machine(int processors, long files, long memory) {

    /** What a connection is reckoned to cost at most while nothing is under way on it, TLS included. */
    private static final long CONNECTION_BYTES = 16 << 10;

    private static final String OPEN_FILES = "Max open files";

    static Machine here() {
        Runtime runtime = Runtime.getRuntime();
        return new Machine(
                runtime.availableProcessors(),
                openFiles(),
                runtime.maxMemory() + PlatformDependent.maxDirectMemory());
    }

    /**
     * How many client connections there may be: each may need another one to a backend, hence half of
     * the files.
     *
     * @param most never more than this
     */
    int connections(int most) {
        return (int) Math.max(1, Math.min(most, Math.min(files / 2, memory / CONNECTION_BYTES)));
    }

    /** The soft limit, which only a system with {@code /proc} tells; else as good as none. */
    private static long openFiles() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith(OPEN_FILES)) {
                    String soft = line.substring(OPEN_FILES.length()).strip().split(" ", 2)[0];
                    return Long.parseLong(soft);
                }
            }
        } catch (IOException | NumberFormatException e) {
            // "unlimited", or no such file.
        }
        return Integer.MAX_VALUE;
    }
}
