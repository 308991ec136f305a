import java.io.IOException;
import java.util.List;

/** From starting the process, its configuration lying ready, to the first answer of a backend through it; one core. */
record Start(String name, String title) implements Scenario {
    @Override
    public Setup setup() {
        return Setup.PLAIN;
    }

    @Override
    public Metric key() {
        return Metric.START;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(Metric.START, Metric.START_CPU);
    }

    @Override
    public double cost(int seconds) {
        return 4;
    }

    @Override
    public void prepare(Proxies proxies, Contestant contestant) {}

    @Override
    public Sample measure(Proxies proxies, Contestant contestant, int seconds) throws IOException, InterruptedException {
        Site site = proxies.site(contestant);
        List<String> command = contestant.peer().command(site);
        Machine.Moment before = Machine.Moment.now();
        try (Instance instance = Instance.launch(contestant.peer().name(), command, site)) {
            double millis = (System.nanoTime() - before.nanos()) / 1e6;
            double cpu = Machine.micros(instance.ticks()) / 1000;
            return Sample.of(Machine.Moment.now().since(before), Metric.START, millis, Metric.START_CPU, cpu);
        }
    }
}
