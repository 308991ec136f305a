import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keep-alive clients that ask on and on. A request fails when its connection breaks before its answer is whole, or when the
 * status is not 200. A client dials again only after an answer that said so, or after an idle connection was found closed
 * before anything was written: what every HTTP client does.
 */
final class Load implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stop;
    final LongAdder answered = new LongAdder();
    final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    final Map<String, LongAdder> bodies = new ConcurrentHashMap<>();
    final AtomicLong slowestMillis = new AtomicLong();

    Load(int clients, String address, int port, String host, String path, long pauseMillis) {
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.ofVirtual().start(() -> client(address, port, host, path, pauseMillis)));
        }
    }

    private void client(String address, int port, String host, String path, long pauseMillis) {
        Http connection = null;
        while (!stop) {
            long begun = System.nanoTime();
            try {
                if (connection == null || !connection.open()) {
                    if (connection != null) {
                        connection.close();
                    }
                    connection = Http.plain(address, port, host);
                }
                Http.Answer answer = connection.get(path);
                if (answer.status() == 200) {
                    answered.increment();
                } else {
                    failed("status " + answer.status() + " " + answer.body().strip());
                }
            } catch (IOException | RuntimeException e) {
                failed(e.getClass().getSimpleName() + ": " + e.getMessage());
                connection = null;
            }
            slowestMillis.accumulateAndGet((System.nanoTime() - begun) / 1_000_000, Math::max);
            try {
                Thread.sleep(pauseMillis);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void failed(String how) {
        failures.computeIfAbsent(how, k -> new LongAdder()).increment();
    }

    long failed() {
        return failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    String summary() {
        return answered.sum() + " answered, " + failed() + " failed " + (failures.isEmpty() ? "" : failures) + ", slowest "
                + slowestMillis.get() + " ms";
    }

    @Override
    public void close() throws InterruptedException {
        stop = true;
        for (Thread thread : threads) {
            thread.join(10_000);
        }
    }
}
