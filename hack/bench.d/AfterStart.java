import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** How slow the slowest are five seconds after the first answer of a new process, and when it has had a quarter of a minute more; one core. */
record AfterStart(String name, String title) implements Scenario {
    private static final int PER_SECOND = 5_000;
    private static final int YOUNG_SECONDS = 5;
    private static final int SETTLING_SECONDS = 15;
    private static final int MEASURED_SECONDS = 3;

    @Override
    public Setup setup() {
        return Setup.PLAIN;
    }

    @Override
    public Metric key() {
        return Metric.P99;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(Metric.P99, Metric.P99_SETTLED);
    }

    @Override
    public Optional<String> missing() {
        return load().missing();
    }

    @Override
    public int rounds(int asked) {
        return 1;
    }

    @Override
    public double cost(int seconds) {
        return YOUNG_SECONDS + SETTLING_SECONDS + 2 * MEASURED_SECONDS + 4;
    }

    @Override
    public void prepare(Proxies proxies, Contestant contestant) {}

    @Override
    public Sample measure(Proxies proxies, Contestant contestant, int seconds) throws IOException, InterruptedException {
        Site site = proxies.site(contestant);
        try (Instance instance = Instance.launch(contestant.peer().name(), contestant.peer().command(site), site)) {
            load().run(instance.site(), YOUNG_SECONDS);
            Machine.Moment before = Machine.Moment.now();
            double young = load().run(instance.site(), MEASURED_SECONDS).p99();
            Machine.Noise noise = Machine.Moment.now().since(before);
            load().run(instance.site(), SETTLING_SECONDS);
            double settled = load().run(instance.site(), MEASURED_SECONDS).p99();
            return Sample.of(noise, Metric.P99, young, Metric.P99_SETTLED, settled);
        }
    }

    private static Load load() {
        return new Load.Native("rate", false, List.of("{host}", "/svc5/1k", "" + PER_SECOND, "{seconds}", "" + Load.CONNECTIONS));
    }
}
