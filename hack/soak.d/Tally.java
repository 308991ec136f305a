import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What happened, counted by everybody at once. */
final class Tally {
    private static final int PER_OCTAVE = 16;
    private static final int REMEMBERED = 20;
    final AtomicLong answered = new AtomicLong();
    final AtomicLong failed = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong accepted = new AtomicLong();
    final AtomicLong aborted = new AtomicLong();
    /** Of the answered. */
    final AtomicLong called = new AtomicLong();
    private final ConcurrentLinkedQueue<String> examples = new ConcurrentLinkedQueue<>();
    private volatile AtomicLongArray minute = new AtomicLongArray(40 * PER_OCTAVE);

    void answered(long nanos) {
        answered.incrementAndGet();
        double micros = Math.max(1, nanos / 1000.0);
        minute.incrementAndGet(Math.min(minute.length() - 1, (int) (Math.log(micros) / Math.log(2) * PER_OCTAVE)));
    }

    /** A gRPC call. */
    void called(long nanos) {
        called.incrementAndGet();
        answered(nanos);
    }

    void failed(String why) {
        failed.incrementAndGet();
        example("failed: " + why);
    }

    /** A malformed request got a 4xx or a closed connection: as it should. */
    void refused() {
        refused.incrementAndGet();
    }

    void accepted(String what) {
        accepted.incrementAndGet();
        example("accepted though malformed: " + what);
    }

    private void example(String text) {
        if (examples.size() < REMEMBERED) {
            examples.add(text);
            System.out.println("  " + text);
        }
    }

    /** The quantiles since the last call, milliseconds. */
    double[] cut(double... parts) {
        AtomicLongArray counts = minute;
        minute = new AtomicLongArray(counts.length());
        long all = 0;
        for (int i = 0; i < counts.length(); i++) {
            all += counts.get(i);
        }
        double[] at = new double[parts.length];
        for (int part = 0; part < parts.length; part++) {
            long seen = 0;
            for (int i = 0; i < counts.length() && seen <= all * parts[part]; i++) {
                seen += counts.get(i);
                at[part] = Math.pow(2, (i + 1.0) / PER_OCTAVE) / 1000;
            }
        }
        return at;
    }
}
