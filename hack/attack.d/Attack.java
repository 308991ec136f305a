import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The run of hack/attack: one data plane, one attack after another, honest traffic beside all of them. */
final class Attack {
    private static final int SECONDS = 5;
    private static final int MOST_SECONDS = 60;
    private static final double LOAD = 0.30;

    private Attack() {}

    static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT);
        if (arguments.length > 0 && arguments[0].equals("--attacker")) {
            Attacker.main(arguments);
            return;
        }
        List<String> words = new ArrayList<>(List.of(arguments));
        int seconds = SECONDS;
        if (!words.isEmpty() && words.getLast().matches("\\d+")) {
            seconds = Math.clamp(Integer.parseInt(words.removeLast()), 1, MOST_SECONDS);
        }
        if (words.contains("--list")) {
            Plan.ALL.values().forEach(plan -> System.out.printf("%-20s %s%n", plan.name(), plan.what()));
            return;
        }
        List<Plan> plans = new ArrayList<>();
        for (String word : words) {
            Plan plan = Plan.ALL.get(word);
            if (plan == null) {
                System.err.println("hack/attack: no attack of the name " + word + "; --list names them");
                System.exit(2);
            }
            plans.add(plan);
        }
        run(plans.isEmpty() ? List.copyOf(Plan.ALL.values()) : plans, seconds);
        System.exit(0);
    }

    /** What one attack came to. */
    private record Row(Plan plan, double ourCpu, double theirCpu, Target.Peak peak, Map<String, Long> limits, Honest.Result honest) {
        double amplification() {
            return ourCpu / Math.max(theirCpu, 0.01);
        }
    }

    private static void run(List<Plan> plans, int seconds) throws Exception {
        Path work = Files.createTempDirectory("fairway-attack");
        try (Backend backend = new Backend();
                Target target = new Target(work, backend.port())) {
            System.out.println("warming up");
            double most = new Honest(target, 0).run(4_000).perSecond();
            most = new Honest(target, 0).run(3_000).perSecond();
            if (most == 0) {
                throw new IOException("honest requests fail without any attack");
            }
            double rate = Math.min(3_000, LOAD * most);
            double before = target.cpuSeconds();
            Honest.Result quiet = new Honest(target, rate).run(seconds * 1_000L);
            double baseline = (target.cpuSeconds() - before) / seconds;
            List<Row> rows = new ArrayList<>();
            for (Plan plan : plans) {
                Row row = one(plan, target, rate, baseline, plan.seconds(seconds));
                rows.add(row);
                System.out.println(line(row));
                target.settle();
            }
            String table = table(rows, seconds, most, rate, baseline, quiet);
            System.out.println(table);
            if (plans.size() == Plan.ALL.size()) {
                Path results = Path.of(System.getenv("ATTACK_ROOT"), "hack/attack.d/results/attacks.md");
                Files.writeString(results, table);
                System.out.println("written: " + results);
            }
        } finally {
            Target.delete(work);
        }
    }

    private static Row one(Plan plan, Target target, double rate, double baseline, int seconds) throws Exception {
        Map<String, Long> limits = target.limits();
        Process attacker = Attacker.start(plan, target, seconds);
        target.forgetPeak();
        double before = target.cpuSeconds();
        long began = System.nanoTime();
        Attacker.go(attacker);
        Honest.Result honest = new Honest(target, rate).run(seconds * 1_000L);
        double theirs = Attacker.cpuSeconds(attacker);
        double ours = target.cpuSeconds() - before - baseline * (System.nanoTime() - began) / 1e9;
        Map<String, Long> fired = new TreeMap<>();
        target.limits().forEach((limit, count) -> {
            long more = count - limits.getOrDefault(limit, 0L);
            if (more > 0) {
                fired.put(limit, more);
            }
        });
        return new Row(plan, Math.max(0, ours), theirs, target.peak(), fired, honest);
    }

    private static String line(Row row) {
        String limits = row.limits().entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).collect(Collectors.joining(", "));
        return String.format("| %s | %.2f | %.2f | %.1f | %d | %.1f | %d | %d | %.3f %% | %.1f | %s |", row.plan().name(), row.ourCpu(), row.theirCpu(),
                row.amplification(), row.peak().residentMiB(), row.peak().directMiB(), row.peak().connections(), row.honest().requests(),
                row.honest().success() * 100, row.honest().p99Millis(), limits);
    }

    private static String table(List<Row> rows, int seconds, double most, double rate, double baseline, Honest.Result quiet) throws IOException {
        StringBuilder text = new StringBuilder("""
                `%s` on %s: %d s for each attack, longer where a timer is slower; attackers on 127.0.0.2 and up, honest clients on 127.0.0.1.

                Honest traffic: %.0f requests/s, %.0f %% of the %.0f/s that were possible alone. Without an attack: %.3f %% succeeded, p99 %.1f ms,
                %.2f CPU seconds each second. That share is taken off "our CPU"; "their CPU" is that of the attacker's own threads, without its
                JVM's compiler and collector. Ratio is ours to theirs: aim ≤ 10. Success: aim ≥ 99.9 %%. Memory and connections are peaks.

                | attack | our CPU s | their CPU s | ratio | RSS MiB | direct MiB | connections | honest requests | success | p99 ms | limits that fired |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                """.formatted(System.getenv("ATTACK_COMMAND"), LocalDate.now(), seconds, rate, LOAD * 100, most, quiet.success() * 100, quiet.p99Millis(),
                baseline));
        rows.forEach(row -> text.append(line(row)).append('\n'));
        text.append('\n');
        rows.forEach(row -> text.append("- `").append(row.plan().name()).append("`: ").append(row.plan().what()).append('\n'));
        return text.toString();
    }
}
