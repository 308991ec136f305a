import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs a scenario: makes all ready, then in each round everybody once, another one first each time; noisy measurements are repeated. */
final class Rounds {
    private static final int REPEATS = 2;
    private static final int FAILURES = 2;
    private final Proxies proxies;
    private final Results results;
    private final Options options;
    private final long began = System.nanoTime();
    /** How many more noisy measurements may be repeated: a machine that is never quiet must not make the run endless. */
    private int repeats;
    private double done;
    private double all;

    Rounds(Proxies proxies, Results results, Options options) {
        this.proxies = proxies;
        this.results = results;
        this.options = options;
        for (Scenario scenario : options.scenarios()) {
            all += cost(scenario, options.peers().size());
            repeats += scenario.rounds(options.rounds()) * options.peers().size() / 3;
        }
    }

    private double cost(Scenario scenario, int contestants) {
        return contestants * scenario.rounds(options.rounds()) * scenario.cost(options.seconds()) + contestants * 1.5 + 8;
    }

    void run(Scenario scenario) throws InterruptedException {
        List<Contestant> ready = new ArrayList<>();
        for (Contestant contestant : contestants(scenario)) {
            String label = contestant.label(scenario.setup());
            Optional<String> excuse = contestant.peer().missing().or(scenario::missing).or(() -> contestant.peer().excused(scenario));
            if (excuse.isPresent()) {
                results.unavailable(scenario, label, excuse.get());
                continue;
            }
            try {
                scenario.prepare(proxies, contestant);
                ready.add(contestant);
            } catch (IOException | RuntimeException e) {
                say(scenario, label, e);
            }
        }
        Map<Contestant, Integer> failures = new HashMap<>();
        int rounds = scenario.rounds(options.rounds());
        for (int round = 1; round <= rounds; round++) {
            for (Contestant contestant : List.copyOf(ready)) {
                try {
                    measure(scenario, contestant, round);
                } catch (IOException | RuntimeException e) {
                    if (failures.merge(contestant, 1, Integer::sum) >= FAILURES || rounds == 1) {
                        say(scenario, contestant.label(scenario.setup()), e);
                        ready.remove(contestant);
                    }
                }
            }
            Collections.rotate(ready, 1);
            progress(scenario, round, rounds);
        }
        done += cost(scenario, options.peers().size());
        proxies.keepPlain();
    }

    private List<Contestant> contestants(Scenario scenario) {
        List<Contestant> all = new ArrayList<>();
        options.peers().forEach(peer -> all.add(new Contestant(peer, scenario.setup())));
        if (scenario.setup().routes() > 10) {
            all.add(new Contestant(options.peers().getFirst(), Setup.PLAIN));
        }
        return all;
    }

    /** The least noisy of a few, if none is quiet. */
    private void measure(Scenario scenario, Contestant contestant, int round) throws IOException, InterruptedException {
        String label = contestant.label(scenario.setup());
        Sample kept = scenario.measure(proxies, contestant, options.seconds());
        for (int repeat = 0; repeat < REPEATS && kept.noise().tooMuch() && repeats > 0; repeat++, repeats--) {
            Sample again = scenario.measure(proxies, contestant, options.seconds());
            Sample dropped = again.noise().sum() < kept.noise().sum() ? kept : again;
            results.add(scenario, label, round, dropped, false);
            kept = dropped == again ? kept : again;
        }
        results.add(scenario, label, round, kept, true);
    }

    private void say(Scenario scenario, String label, Exception e) {
        String reason = e instanceof Load.Refused ? e.getMessage() : e.toString();
        results.unavailable(scenario, label, reason);
        System.out.printf("  %s: %s is left out: %s%n", scenario.name(), label, reason);
    }

    private void progress(Scenario scenario, int round, int rounds) {
        double elapsed = (System.nanoTime() - began) / 1e9;
        double part = (done + cost(scenario, options.peers().size()) * round / rounds) / all;
        String ours = results.contestants(scenario).stream().filter(name -> !name.equals("fairway")).map(name -> {
            Results.Spread ratio = results.ratio(scenario, "fairway", name);
            return ratio.empty() ? "" : String.format(" %.2f × %s", ratio.median(), name);
        }).reduce("", String::concat);
        System.out.printf("%-18s round %d of %d, %s so far, about %s to go;%s%n", scenario.name(), round, rounds, minutes(elapsed),
                minutes(elapsed / part - elapsed), ours);
    }

    private static String minutes(double seconds) {
        Duration duration = Duration.ofSeconds(Math.round(seconds));
        return String.format("%d:%02d", duration.toMinutes(), duration.toSecondsPart());
    }
}
