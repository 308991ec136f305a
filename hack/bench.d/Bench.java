import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Locale;
import java.util.stream.Collectors;

/** The run of hack/bench: scenario by scenario, table and plot written after each. */
final class Bench {
    private Bench() {}

    static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT);
        if (arguments.length > 0 && arguments[0].equals("--list")) {
            list();
            return;
        }
        boolean check = arguments.length > 0 && arguments[0].equals("--check");
        Options options;
        try {
            options = Options.parse(check ? java.util.Arrays.copyOfRange(arguments, 1, arguments.length) : arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("hack/bench: " + e.getMessage());
            System.exit(2);
            return;
        }
        if (!check) {
            run(options);
        }
        System.exit(0);
    }

    private static void list() {
        for (Scenario scenario : Scenarios.ALL) {
            String bars = java.util.stream.Stream.of("nginx", "haproxy", "fairway, 10 routes")
                    .filter(peer -> Bars.of(scenario, peer).isPresent())
                    .map(peer -> String.format("%s ≤ %.2f", peer, Bars.of(scenario, peer).getAsDouble())).collect(Collectors.joining(", "));
            System.out.printf("%-18s %-45s %s%n", scenario.name(), scenario.title(), bars);
        }
    }

    private static void run(Options options) throws IOException, InterruptedException {
        Path shared = Path.of("/dev/shm");
        Path work = Files.isWritable(shared) ? Files.createTempDirectory(shared, "fairway-bench") : Files.createTempDirectory("fairway-bench");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            Children.endAll();
            Children.delete(work);
        }));
        Path folder = Files.createDirectories(Path.of(Peer.tool("ROOT"), "hack/bench.d/results"));
        String header = header(options);
        System.out.println(header);
        try (Results results = new Results(folder.resolve(options.name() + ".csv"), header)) {
            Rounds rounds = new Rounds(new Proxies(work), results, options);
            for (Scenario scenario : options.scenarios()) {
                rounds.run(scenario);
                Files.writeString(folder.resolve(options.name() + ".md"), new Table(results, options).render(header));
                Files.writeString(folder.resolve(options.name() + ".svg"),
                        new Plot(results, options).render(Peer.tool("COMMAND") + ", " + LocalDate.now() + ", " + Machine.describe()));
            }
            System.out.println(new Table(results, options).render(header));
        }
        System.out.println("written: " + folder.resolve(options.name()) + ".md, .svg, .csv");
    }

    private static String header(Options options) throws IOException {
        String versions = options.peers().stream().map(peer -> peer.missing().map(why -> peer.name() + ": " + why).orElseGet(peer::version))
                .collect(Collectors.joining(" · "));
        return """
                `%s` on %s: %s.
                %d rounds of %d s, interleaved; proxy alone on one core, load and backend on the other; %d connections. Access log off unless the row says so.
                Before each scenario, uncounted: the JVM is under load until its cost per request stands still (%d s at most), the others for a second.
                %s
                """.formatted(Peer.tool("COMMAND"), LocalDate.now(), Machine.describe(), options.rounds(), options.seconds(), Load.CONNECTIONS,
                Traffic.WARM_UPS * Traffic.WARM_UP_SECONDS, versions);
    }
}
