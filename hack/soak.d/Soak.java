import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The run of hack/soak: a warm-up of everything, rest, measure; the soak; rest, measure again. What is at rest before must be at rest
 * after, so what is more then has leaked.
 */
final class Soak {
    private static final int WARM_UP = 30;
    private static final int REST = 10;
    private static final double MORE_RESIDENT_MIB = 40;
    private static final double MORE_DIRECT_MIB = 16;
    private static final long MORE_DESCRIPTORS = 8;
    private final Halves halves;
    private final Backends backends = Backends.http1(3);
    private final Backends callBackends = Backends.calls(3);
    private final Path work;
    private final String h2load;
    private final SSLContext tls = trustingAll();
    private final AtomicInteger swaps = new AtomicInteger();
    private final AtomicInteger replaced = new AtomicInteger();

    private Soak(Halves halves, Path work, String h2load) throws Exception {
        this.halves = halves;
        this.work = work;
        this.h2load = h2load;
    }

    static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT);
        Path work = Files.createTempDirectory("fairway-soak");
        Halves halves = new Halves(Path.of(arguments[0]), arguments[1], work);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            halves.close();
            delete(work);
        }));
        System.exit(new Soak(halves, work, arguments[2]).run(Integer.parseInt(arguments[3])) ? 0 : 1);
    }

    private boolean run(int minutes) throws Exception {
        halves.routes(0);
        halves.endpoints(backends.ports(), callBackends.ports());
        halves.awaitReady();
        System.out.println("warming up ...");
        Tally warm = new Tally();
        everything(warm, WARM_UP);
        Client.sleep(REST * 1_000);
        Halves.Use before = halves.use();
        System.out.println("before: " + before);
        int swapsBefore = swaps.get();
        Tally tally = new Tally();
        String http2 = everything(tally, minutes * 60);
        Client.sleep(REST * 1_000);
        Halves.Use after = halves.use();
        System.out.println("before: " + before);
        System.out.println("after:  " + after);
        System.out.printf("%d requests answered, %d failed (warm-up: %d); %d malformed refused, %d accepted; %d aborts; %d configurations, %d endpoints replaced; gRPC: %d of the requests; %s%n",
                tally.answered.get(), tally.failed.get(), warm.failed.get(), tally.refused.get(), tally.accepted.get(), tally.aborted.get(),
                swaps.get() - swapsBefore, replaced.get(), tally.called.get(), http2);
        List<String> wrong = new ArrayList<>();
        require(wrong, tally.failed.get() + warm.failed.get() == 0, "well-formed requests failed");
        require(wrong, tally.accepted.get() + warm.accepted.get() == 0, "malformed requests were accepted");
        require(wrong, tally.answered.get() > 0, "nothing was answered");
        require(wrong, tally.called.get() > 0, "no gRPC call was answered");
        require(wrong, after.sequence() - before.sequence() >= (swaps.get() - swapsBefore) / 2, "changes did not arrive: sequence " + before.sequence() + " to "
                + after.sequence());
        require(wrong, after.residentMib() <= before.residentMib() + MORE_RESIDENT_MIB, "resident memory grew");
        require(wrong, after.directMib() <= before.directMib() + MORE_DIRECT_MIB, "direct memory grew");
        require(wrong, after.descriptors() <= before.descriptors() + MORE_DESCRIPTORS, "descriptors grew");
        System.out.println(wrong.isEmpty() ? "PASSED" : "FAILED: " + String.join("; ", wrong));
        return wrong.isEmpty();
    }

    private static void require(List<String> wrong, boolean holds, String what) {
        if (!holds) {
            wrong.add(what);
        }
    }

    /** Everything at once for {@code seconds}; what HTTP/2 did. */
    private String everything(Tally tally, int seconds) throws Exception {
        AtomicBoolean on = new AtomicBoolean(true);
        WellFormed good = new WellFormed(halves, tally, tls, on::get);
        Calls calls = new Calls(halves, tally, tls, on::get);
        Hostile bad = new Hostile(halves, tally, on::get);
        Http2 http2 = new Http2(h2load, halves, tally, work);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            int seed = i * 7;
            threads.add(Thread.ofVirtual().start(() -> good.keepAlive(seed)));
        }
        for (int i = 0; i < 6; i++) {
            int seed = i * 3;
            threads.add(Thread.ofVirtual().start(() -> good.secure(seed)));
        }
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofVirtual().start(good::slow));
        }
        for (int i = 0; i < 6; i++) {
            int seed = i * 3;
            threads.add(Thread.ofVirtual().start(() -> calls.run(seed % 2 == 0, seed)));
        }
        threads.add(Thread.ofVirtual().start(bad::malformed));
        threads.add(Thread.ofVirtual().start(bad::aborts));
        threads.add(Thread.ofVirtual().start(() -> http2.run(seconds)));
        Thread changes = Thread.ofPlatform().start(() -> change(on, tally));
        for (int second = 1; second <= seconds; second++) {
            Client.sleep(1_000);
            if (second % 60 == 0 || second == seconds) {
                double[] millis = tally.cut(0.5, 0.99, 0.999);
                System.out.printf("%3d:%02d  %d answered, %d failed, %d malformed; p50 %.1f p99 %.1f p99.9 %.1f ms; %s%n", second / 60, second % 60, tally.answered.get(),
                        tally.failed.get(), tally.refused.get(), millis[0], millis[1], millis[2], halves.use());
            }
            if (!halves.alive()) {
                throw new IOException("a half has ended:\n" + tail("controller.log") + tail("dataplane.log"));
            }
        }
        on.set(false);
        changes.join();
        for (Thread thread : threads) {
            thread.join();
        }
        return http2.state;
    }

    /** Each second another configuration and another endpoint; the one that leaves serves on for two seconds, as a pod does. */
    private void change(AtomicBoolean on, Tally tally) {
        while (on.get()) {
            try {
                halves.routes(swaps.incrementAndGet());
                List<Backends.Backend> leaving = List.of(backends.replace(), callBackends.replace());
                halves.endpoints(backends.ports(), callBackends.ports());
                replaced.addAndGet(leaving.size());
                Thread.ofVirtual().start(() -> {
                    Client.sleep(2_000);
                    try {
                        for (Backends.Backend each : leaving) {
                            each.close();
                        }
                    } catch (IOException e) {
                        tally.failed("backend: " + e);
                    }
                });
            } catch (IOException e) {
                tally.failed("change: " + e);
            }
            Client.sleep(1_000);
        }
    }

    private String tail(String name) throws IOException {
        String text = Files.readString(work.resolve(name));
        return text.substring(Math.max(0, text.length() - 2_000));
    }

    /** The certificate is made for the run; what it says is not what is tested. */
    private static SSLContext trustingAll() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new X509ExtendedTrustManager() {
            @Override
            public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

            @Override
            public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type, java.net.Socket socket) {}

            @Override
            public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type, java.net.Socket socket) {}

            @Override
            public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

            @Override
            public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

            @Override
            public java.security.cert.X509Certificate[] getAcceptedIssuers() {
                return new java.security.cert.X509Certificate[0];
            }
        }}, null);
        return context;
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("left behind: " + folder);
        }
    }
}
