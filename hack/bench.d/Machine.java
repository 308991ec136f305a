import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What /proc says: CPU time of processes, memory, and how busy everybody else was. */
final class Machine {
    private static final double TICK_MICROS = 10_000;

    private Machine() {}

    /** A moment: the machine's busy and stolen ticks, and those of this run's own processes. */
    record Moment(long nanos, long busy, long stolen, long ours) {
        static Moment now() throws IOException {
            String[] cpu = Files.readString(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +");
            long busy = 0;
            for (int field : new int[] {1, 2, 3, 6, 7}) { // user nice system irq softirq
                busy += Long.parseLong(cpu[field]);
            }
            return new Moment(System.nanoTime(), busy, Long.parseLong(cpu[8]), tree(ProcessHandle.current()) + ended());
        }

        Noise since(Moment before) {
            double ticks = (nanos - before.nanos) / 1e7 * Runtime.getRuntime().availableProcessors();
            ticks = Math.max(ticks, (nanos - before.nanos) / 1e7 * cores());
            return new Noise(Math.max(0, busy - before.busy - (ours - before.ours)) * 100 / ticks, (stolen - before.stolen) * 100 / ticks);
        }
    }

    /** Percent of all cores' time that others used, and that the host took away. */
    record Noise(double foreign, double steal) {
        private static final double MOST_FOREIGN = 2;
        private static final double MOST_STEAL = 3;

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

    /** Children of this process that have ended: load generators. */
    private static long ended() {
        return fields(ProcessHandle.current().pid(), 13, 14);
    }

    private static long fields(long pid, int first, int second) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[first]) + Long.parseLong(fields[second]);
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
