import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Full load on a process whose snapshot of 10,000 routes is replaced as often as the controller can, one Ingress changed each time: p99 and
 * the longest pauses then, and p99 without. Only ours: the others are told of changes in ways that don't compare. The controller works on the load's core.
 */
record Swaps(String name, String title) implements Scenario {
    private static final int SWAPPED_SECONDS = 20;
    private static final int STILL_SECONDS = 5;

    @Override
    public Setup setup() {
        return Setup.of(10_000);
    }

    @Override
    public Metric key() {
        return Metric.P99;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(Metric.P99, Metric.P999, Metric.RATE, Metric.SWAPS, Metric.P99_SETTLED);
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
        return SWAPPED_SECONDS + STILL_SECONDS;
    }

    @Override
    public void prepare(Proxies proxies, Contestant contestant) throws IOException, InterruptedException {
        if (!contestant.peer().compiles()) {
            throw new Load.Refused("not compared");
        }
        Instance instance = proxies.of(contestant);
        load().run(instance.site(), 10);
    }

    @Override
    public Sample measure(Proxies proxies, Contestant contestant, int seconds) throws IOException, InterruptedException {
        Instance instance = proxies.of(contestant);
        Site site = instance.site();
        double still = load().run(site, STILL_SECONDS).p99();
        Process controller = Fairway.controller(site);
        int[] swaps = {0};
        Thread changes = Thread.ofPlatform().daemon().start(() -> swaps[0] = change(site));
        try {
            Thread.sleep(5_000); // the controller's own start
            Load.Outcome outcome = load().run(site, SWAPPED_SECONDS);
            changes.interrupt();
            changes.join();
            return Sample.of(new Machine.Noise(0, 0), Metric.P99, outcome.p99(), Metric.P999, outcome.p999(), Metric.RATE, outcome.requests() / outcome.seconds(),
                    Metric.SWAPS, (double) swaps[0], Metric.P99_SETTLED, still);
        } finally {
            changes.interrupt();
            controller.destroy();
            if (!controller.waitFor(20, TimeUnit.SECONDS)) {
                controller.destroyForcibly();
            }
        }
    }

    /** One Ingress more, another each time the last was published, until interrupted; how many were. */
    private static int change(Site site) {
        Path manifests = site.folder().resolve("manifests");
        Path published = site.folder().resolve("published/manifest.json");
        int count = 0;
        try {
            String before = Files.readString(published);
            for (int change = 0; ; change++) {
                Files.writeString(site.folder().resolve("more.yaml"), """
                        apiVersion: networking.k8s.io/v1
                        kind: Ingress
                        metadata: {name: more, namespace: bench}
                        spec:
                          ingressClassName: fairway
                          rules:
                          - host: more.example.com
                            http: {paths: [{path: /%d, pathType: Prefix, backend: {service: {name: up, port: {number: 80}}}}]}
                        """.formatted(change));
                Files.move(site.folder().resolve("more.yaml"), manifests.resolve("more.yaml"), StandardCopyOption.REPLACE_EXISTING);
                String now = before;
                while (now.equals(before)) {
                    Thread.sleep(100);
                    now = Files.readString(published);
                }
                before = now;
                count++;
            }
        } catch (InterruptedException e) {
            return count;
        } catch (IOException e) {
            return -1;
        }
    }

    private static Load load() {
        return new Load.Wrk(false, "/", 128, 0, 1, List.of());
    }
}
