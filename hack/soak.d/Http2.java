import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP/2 by h2load beside the rest, a new set of connections each minute. */
final class Http2 {
    private static final Pattern TOTAL = Pattern.compile("requests: (\\d+) total.*?(\\d+) succeeded, (\\d+) failed, (\\d+) errored, (\\d+) timeout");
    private static final Pattern CODES = Pattern.compile("status codes: (\\d+) 2xx");
    private final String h2load;
    private final Halves halves;
    private final Tally tally;
    private final Path work;
    private volatile Process running;
    /** How it went, in words. */
    volatile String state = "";

    Http2(String h2load, Halves halves, Tally tally, Path work) {
        this.h2load = h2load;
        this.halves = halves;
        this.tally = tally;
        this.work = work;
    }

    /** Runs for {@code seconds} in pieces. */
    void run(int seconds) {
        if (h2load.isEmpty()) {
            state = "HTTP/2: left out, h2load is not found";
            return;
        }
        long all = 0;
        try {
            for (int left = seconds; left > 0; left -= 60) {
                Path log = work.resolve("h2load.log");
                running = new ProcessBuilder(List.of(h2load, "-t1", "-c4", "-m8", "--rps=50", "-D" + Math.min(60, left), "--connect-to=127.0.0.1:" + halves.https,
                        "https://" + Halves.HOST + ":" + halves.https + "/bytes/1000")).redirectErrorStream(true).redirectOutput(log.toFile()).start();
                running.waitFor();
                String said = Files.readString(log);
                if (!said.contains("Application protocol: h2")) {
                    state = "HTTP/2: left out, not spoken here";
                    return;
                }
                Matcher total = TOTAL.matcher(said);
                Matcher codes = CODES.matcher(said);
                if (!total.find() || !codes.find()) {
                    tally.failed("h2load: " + said);
                    return;
                }
                long good = Long.parseLong(codes.group(1));
                long bad = Long.parseLong(total.group(3)) + Long.parseLong(total.group(4)) + Long.parseLong(total.group(5));
                all += good;
                tally.answered.addAndGet(good);
                for (long i = 0; i < bad; i++) {
                    tally.failed("HTTP/2: " + total.group());
                }
                state = "HTTP/2: " + all + " of the requests";
            }
        } catch (IOException e) {
            tally.failed("h2load: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void end() {
        Process process = running;
        if (process != null) {
            process.destroy();
        }
    }
}
