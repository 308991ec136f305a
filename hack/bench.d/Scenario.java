import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** One row of the table: what is asked of the proxies and what is measured. */
sealed interface Scenario permits Traffic, IdleConnections, Start, AfterStart, Swaps {
    String name();

    /** In words. */
    String title();

    Setup setup();

    /** Whether a forwarder that understands nothing can take part. */
    default boolean forwarded() {
        return false;
    }

    /** What the ratios are of. */
    Metric key();

    List<Metric> metrics();

    default Optional<String> missing() {
        return Optional.empty();
    }

    /** How often, where that is not for the user to say. */
    default int rounds(int asked) {
        return asked;
    }

    /** About how long one measurement takes, seconds. */
    double cost(int seconds);

    /** Makes the contestant ready, uncounted; also shows that it can serve this at all. */
    void prepare(Proxies proxies, Contestant contestant) throws IOException, InterruptedException;

    Sample measure(Proxies proxies, Contestant contestant, int seconds) throws IOException, InterruptedException;
}
