import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Load for some seconds: CPU time of the proxy for each request that was answered. */
record Traffic(String name, String title, Setup setup, boolean forwarded, Metric key, Load load) implements Scenario {
    static final int WARM_UP_SECONDS = 2;
    static final int WARM_UPS = 15;
    private static final double WARM_CPU_MICROS = 10e6;
    private static final int STILL = 2;

    Traffic(String name, String title, boolean forwarded, Load load) {
        this(name, title, Setup.PLAIN, forwarded, Metric.CPU, load);
    }

    @Override
    public List<Metric> metrics() {
        return List.of(Metric.CPU, Metric.RATE, Metric.P50, Metric.P99, Metric.P999);
    }

    @Override
    public Optional<String> missing() {
        return load.missing();
    }

    @Override
    public double cost(int seconds) {
        return seconds + 0.4;
    }

    @Override
    public void prepare(Proxies proxies, Contestant contestant) throws IOException, InterruptedException {
        Instance instance = proxies.of(contestant);
        if (!contestant.peer().compiles()) {
            load.run(instance.site(), 1);
            return;
        }
        // Until the cost of a request stands still; a busy machine makes that look so too early, hence the CPU time it must have had.
        double best = Double.MAX_VALUE;
        for (int run = 0, still = 0; run < WARM_UPS && (still < STILL || Machine.micros(instance.ticks()) < WARM_CPU_MICROS); run++) {
            double cost = measure(proxies, contestant, WARM_UP_SECONDS).value(Metric.CPU);
            still = cost < best * 0.95 ? 0 : still + 1;
            best = Math.min(best, cost);
        }
    }

    @Override
    public Sample measure(Proxies proxies, Contestant contestant, int seconds) throws IOException, InterruptedException {
        Instance instance = proxies.of(contestant);
        Machine.Moment before = Machine.Moment.now();
        long from = instance.ticks();
        Load.Outcome outcome = load.run(instance.site(), seconds);
        double micros = Machine.micros(instance.ticks() - from);
        Machine.Noise noise = Machine.Moment.now().since(before);
        return Sample.of(noise, Metric.CPU, micros / outcome.requests(), Metric.RATE, outcome.requests() / outcome.seconds(), Metric.P50, outcome.p50(),
                Metric.P99, outcome.p99(), Metric.P999, outcome.p999());
    }
}
