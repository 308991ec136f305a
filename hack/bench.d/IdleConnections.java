import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;
import java.util.Optional;

/**
 * Memory of connections that do nothing: a fresh process that had one request, then {@code few} connections and {@code many}, each of which
 * had one answer. The slope between the two is what a connection costs. No load before: a heap that has once been filled has room for
 * thousands of connections, which would then seem to cost nothing.
 */
record IdleConnections(String name, String title, boolean tls, int few, int many) implements Scenario {
    @Override
    public Setup setup() {
        return Setup.PLAIN;
    }

    @Override
    public Metric key() {
        return Metric.PER_CONNECTION;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(Metric.PER_CONNECTION, Metric.BASE);
    }

    @Override
    public Optional<String> missing() {
        return Peer.present(Peer.tool("NATIVE") + "/idle", "needs gcc and libssl-dev");
    }

    @Override
    public int rounds(int asked) {
        return 1;
    }

    @Override
    public double cost(int seconds) {
        return tls ? 20 : 12;
    }

    @Override
    public void prepare(Proxies proxies, Contestant contestant) {}

    @Override
    public Sample measure(Proxies proxies, Contestant contestant, int seconds) throws IOException, InterruptedException {
        Site site = proxies.site(contestant);
        try (Instance instance = Instance.start(contestant.peer(), site)) {
            Thread.sleep(1_000);
            double base = instance.residentKib() / 1024.0;
            ProcessBuilder builder = new ProcessBuilder("taskset", "-c", "0", Peer.tool("NATIVE") + "/idle", "" + (tls ? site.https() : site.http()), Setup.HOST,
                    "/svc5/128", tls ? "tls" : "plain").redirectErrorStream(true);
            Process holder = builder.start();
            Children.add(holder);
            try (BufferedReader answers = new BufferedReader(new InputStreamReader(holder.getInputStream()))) {
                double first = open(holder, answers, few, instance);
                double second = open(holder, answers, many, instance);
                return Sample.of(new Machine.Noise(0, 0), Metric.PER_CONNECTION, (second - first) / (many - few), Metric.BASE, base);
            } finally {
                Children.end(holder);
            }
        }
    }

    private static double open(Process holder, BufferedReader answers, int count, Instance instance) throws IOException, InterruptedException {
        holder.getOutputStream().write((count + "\n").getBytes());
        holder.getOutputStream().flush();
        String answer = answers.readLine();
        if (answer == null || !answer.equals("open " + count)) {
            throw new Load.Refused(answer == null ? "no answer" : answer);
        }
        Thread.sleep(1_000);
        return instance.residentKib();
    }
}
