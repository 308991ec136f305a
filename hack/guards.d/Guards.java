import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The run of hack/guards: every test once with the program as it is, then each guard taken out and its test run again. */
final class Guards {
    private static final String SOURCES = "dataplane/src/main/java/dev/fairway/dataplane";

    private Guards() {}

    public static void main(String[] words) throws Exception {
        Path root = Path.of(System.getenv("GUARDS_ROOT"));
        Path tool = root.resolve("hack/guards.d");
        List<Guard> all = Guard.all(tool);
        if (List.of(words).contains("--list")) {
            all.forEach(guard -> System.out.printf("%-4s %-38s %s%n", guard.row(), guard.name(), guard.test() + (guard.only().isEmpty() ? "" : " " + guard.only())));
            return;
        }
        List<Guard> chosen = words.length == 0 ? all : chosen(all, words);
        Path work = Files.createDirectories(root.resolve("target/guards"));
        List<String> options = List.of(System.getenv("GUARDS_OPTIONS").split(" "));
        Trial trial = new Trial(work, System.getenv("GUARDS_JAVA"), System.getenv("GUARDS_CLASSPATH"), options);
        Proofs proofs = new Proofs(tool.resolve("proofs.txt"));
        proofs.keepOnly(all);
        System.exit(new Run(root.resolve(SOURCES), trial, proofs, chosen).all() ? 0 : 1);
    }

    /** By name, by row, or by a pattern of names with asterisks. */
    private static List<Guard> chosen(List<Guard> all, String[] words) {
        List<Guard> chosen = new ArrayList<>();
        for (String word : words) {
            Predicate<String> named = Pattern.compile(Pattern.quote(word).replace("*", "\\E.*\\Q")).asMatchPredicate();
            List<Guard> found = all.stream().filter(guard -> named.test(guard.name()) || guard.row().equals(word)).toList();
            if (found.isEmpty()) {
                System.err.println("hack/guards: no guard or row of the name " + word + "; --list names them");
                System.exit(2);
            }
            found.stream().filter(guard -> !chosen.contains(guard)).forEach(chosen::add);
        }
        return chosen;
    }

    private static final class Run {
        private final Path sources;
        private final Trial trial;
        private final Proofs proofs;
        private final List<Guard> guards;
        private final long began = System.nanoTime();
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicInteger killed = new AtomicInteger();
        private final List<String> survivors = new ArrayList<>();
        private final List<String> broken = new ArrayList<>();

        Run(Path sources, Trial trial, Proofs proofs, List<Guard> guards) {
            this.sources = sources;
            this.trial = trial;
            this.proofs = proofs;
            this.guards = guards;
        }

        boolean all() throws Exception {
            trial.prepare(Path.of(System.getenv("GUARDS_ROOT"), "hack/guards.d"));
            Map<String, String> faults = unchanged();
            try (ExecutorService lanes = Executors.newFixedThreadPool(Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4))) {
                List<Future<?>> trials = new ArrayList<>();
                for (Guard guard : guards) {
                    trials.add(lanes.submit(() -> {
                        prove(guard, faults.get(guard.target()));
                        return null;
                    }));
                }
                for (Future<?> each : trials) {
                    each.get();
                }
            }
            System.out.printf(
                    "%d guards of %d rows, %d killed, %d survivors, %d broken; %d s%n",
                    guards.size(),
                    new TreeSet<>(guards.stream().map(Guard::row).toList()).size(),
                    killed.get(),
                    survivors.size(),
                    broken.size(),
                    (System.nanoTime() - began) / 1_000_000_000);
            survivors.forEach(line -> System.out.println("SURVIVOR: " + line));
            broken.forEach(line -> System.out.println("BROKEN: " + line));
            return survivors.isEmpty() && broken.isEmpty();
        }

        /** What does not pass as the program is, by target. */
        private Map<String, String> unchanged() throws IOException, InterruptedException {
            List<String> targets = guards.stream().map(Guard::target).distinct().sorted().toList();
            System.out.printf("%d tests with every guard in place ...%n", targets.size());
            Map<String, String> faults = new HashMap<>();
            targets.forEach(target -> faults.put(target, "not run"));
            take(trial.unchanged(targets, "unchanged"), faults);
            if (!faults.isEmpty()) {
                take(trial.unchanged(faults.keySet().stream().sorted().toList(), "unchanged-again"), faults);
            }
            faults.forEach((target, fault) -> System.out.println("fails as it is: " + target + ": " + fault));
            return faults;
        }

        private static void take(List<Trial.Outcome> outcomes, Map<String, String> faults) {
            for (Trial.Outcome outcome : outcomes) {
                if (outcome.verdict().equals("passed")) {
                    faults.remove(outcome.target());
                } else {
                    faults.put(outcome.target(), outcome.what());
                }
            }
        }

        private void prove(Guard guard, String fault) throws IOException, InterruptedException {
            long from = System.nanoTime();
            Trial.Outcome outcome;
            try {
                outcome = fault == null ? trial.without(guard, sources) : new Trial.Outcome("broken", guard.target(), "fails with the guard in place: " + fault);
            } catch (IOException e) {
                outcome = new Trial.Outcome("broken", guard.target(), String.valueOf(e.getMessage()));
            }
            String what = outcome.what();
            String verdict =
                    switch (outcome.verdict()) {
                        case "failed" -> "killed";
                        case "passed" -> "SURVIVED";
                        default -> "BROKEN";
                    };
            synchronized (this) {
                System.out.printf("%3d/%d %-4s %-38s %-8s %4.1f s  %s%n", done.incrementAndGet(), guards.size(), guard.row(), guard.name(), verdict, (System.nanoTime() - from) / 1e9, cut(what));
                switch (verdict) {
                    case "killed" -> {
                        killed.incrementAndGet();
                        proofs.proved(guard, guard.test() + " " + what.split("\t")[0]);
                        return;
                    }
                    case "SURVIVED" -> survivors.add(guard.name() + ": " + guard.test() + " passes without it");
                    default -> broken.add(guard.name() + ": " + what);
                }
                proofs.failed(guard);
            }
        }

        private static String cut(String what) {
            String line = what.replace('\t', ' ');
            return line.length() > 150 ? line.substring(0, 150) + "…" : line;
        }
    }
}
