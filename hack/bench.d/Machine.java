import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What /proc says: CPU time of processes, memory, and how busy everybody else was. */
final class Machine {
    private static final double TICK_MICROS = 10_000;

    private Machine() {}

    /** A moment: ticks the host took away, and those that processes not of this run have used; of kernel threads nobody is to blame. */
    record Moment(long nanos, long stolen, long foreign) {
        static Moment now() throws IOException {
            long stolen = Long.parseLong(Files.readString(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +")[8]);
            Set<Long> ours = Stream.concat(Stream.of(ProcessHandle.current()), ProcessHandle.current().descendants()).map(ProcessHandle::pid)
                    .collect(Collectors.toSet());
            // With their ended children: what a process used moves to its parent when it ends.
            long foreign = ProcessHandle.allProcesses().filter(process -> !ours.contains(process.pid()) && !kernel(process))
                    .mapToLong(process -> fields(process.pid(), 11, 12, 13, 14)).sum();
            return new Moment(System.nanoTime(), stolen, foreign);
        }

        private static boolean kernel(ProcessHandle process) {
            return process.pid() == 2 || process.parent().map(parent -> parent.pid() == 2).orElse(false);
        }

        Noise since(Moment before) {
            double ticks = (nanos - before.nanos) / 1e7 * cores();
            return new Noise(Math.max(0, foreign - before.foreign) * 100 / ticks, (stolen - before.stolen) * 100 / ticks);
        }
    }

    /** Percent of all cores' time that others used, and that the host took away. */
    record Noise(double foreign, double steal) {
        private static final double MOST_FOREIGN = 2;
        private static final double MOST_STEAL = 3;

        double sum() {
            return foreign + steal;
        }

        boolean tooMuch() {
            return foreign > MOST_FOREIGN || steal > MOST_STEAL;
        }
    }

    /** Of the machine; this process itself is pinned to one. */
    private static int cores() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
            return (int) lines.filter(line -> line.matches("cpu\\d.*")).count();
        } catch (IOException e) {
            return 2;
        }
    }

    /** utime + stime of a process and all below it, in ticks. */
    static long tree(ProcessHandle root) {
        return Stream.concat(Stream.of(root), root.descendants()).mapToLong(handle -> fields(handle.pid(), 11, 12)).sum();
    }

    static double micros(long ticks) {
        return ticks * TICK_MICROS;
    }

    private static long fields(long pid, int... which) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return IntStream.of(which).mapToLong(field -> Long.parseLong(fields[field])).sum();
        } catch (IOException e) {
            return 0; // ended meanwhile
        }
    }

    /** Resident memory of a process and all below it, KiB. */
    static long resident(ProcessHandle root) {
        return Stream.concat(Stream.of(root), root.descendants()).mapToLong(handle -> {
            try (Stream<String> lines = Files.lines(Path.of("/proc/" + handle.pid() + "/status"))) {
                return lines.filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum();
            } catch (IOException e) {
                return 0;
            }
        }).sum();
    }

    static String describe() throws IOException {
        String model = Files.readString(Path.of("/proc/cpuinfo")).lines().filter(line -> line.startsWith("model name")).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 2)).orElse("unknown CPU");
        return cores() + " cores of " + model + ", Linux " + System.getProperty("os.version");
    }
}
