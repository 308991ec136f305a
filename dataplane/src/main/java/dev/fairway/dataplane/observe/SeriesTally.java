package dev.fairway.dataplane.observe;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What one loop has counted for one set of labels. Written by that loop, read by the scraper. */
final class SeriesTally {
    private static final String[] METHODS = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "other"
    };
    private static final int STATUSES = 1_000;

    /** Registered ones, and 499; a backend may send any, and must not make a series of each. */
    private static final boolean[] KNOWN = known();

    private static final int FIRST_CELLS = 4;

    /** 0 to 16. */
    private static final int GRPC_STATUSES = 17;

    private final long[] histograms = new long[Histogram.CELLS];
    private long retries;

    /** Most routes have but one pair of method and status; 0: none yet. */
    private int firstKey;

    private long firstCount;
    private volatile Cells others = Cells.NONE;

    /** By grpc-status, the last for all that no specification names; null: no call yet. */
    private volatile long @Nullable [] calls;

    /** Few pairs of method and status occur on a route: scanned, and replaced whole to grow. */
    private record Cells(int[] keys, long[] counts) {
        static final Cells NONE = new Cells(new int[0], new long[0]);
    }

    void count(FinishedExchange exchange, String method) {
        int status = exchange.status();
        count(method(method) * STATUSES + label(status), 1);
        Histogram.DURATION.record(histograms, exchange.durationNanos());
        Histogram.REQUEST_BYTES.record(histograms, exchange.requestBytes());
        Histogram.RESPONSE_BYTES.record(histograms, exchange.responseBytes());
        if (exchange.headNanos() >= 0) {
            Histogram.UPSTREAM_HEAD.record(histograms, exchange.headNanos());
        }
        if (exchange.grpcStatus() >= 0) {
            calls()[Math.min(exchange.grpcStatus(), GRPC_STATUSES)]++;
        }
        if (exchange.attempts() > 1) {
            retries += exchange.attempts() - 1;
        }
    }

    private long[] calls() {
        long[] counts = calls;
        if (counts == null) {
            counts = new long[GRPC_STATUSES + 1];
            calls = counts;
        }
        return counts;
    }

    private void count(int key, long times) {
        if (firstKey == key) {
            firstCount += times;
            return;
        }
        if (firstKey == 0) {
            firstCount = times;
            firstKey = key;
            return;
        }
        Cells now = others;
        int used = now.keys().length;
        for (int i = 0; i < used; i++) {
            if (now.keys()[i] == key) {
                now.counts()[i] += times;
                return;
            }
            if (now.keys()[i] == 0) {
                now.counts()[i] = times;
                now.keys()[i] = key;
                return;
            }
        }
        int[] keys = Arrays.copyOf(now.keys(), Math.max(FIRST_CELLS, used * 2));
        long[] counts = Arrays.copyOf(now.counts(), keys.length);
        keys[used] = key;
        counts[used] = times;
        others = new Cells(keys, counts);
    }

    /** On the scraper's own copy only. */
    void add(SeriesTally other) {
        for (int i = 0; i < histograms.length; i++) {
            histograms[i] += other.histograms[i];
        }
        retries += other.retries;
        long[] others = other.calls;
        for (int i = 0; others != null && i < others.length; i++) {
            calls()[i] += others[i];
        }
        other.each(this::count);
    }

    interface Requests {
        void are(String method, String status, long count);
    }

    void requests(Requests visitor) {
        each((key, count) -> {
            int status = key % STATUSES;
            String text = status < 10 ? status + "xx" : Integer.toString(status);
            visitor.are(METHODS[key / STATUSES], text, count);
        });
    }

    interface Calls {
        void are(String grpcStatus, long count);
    }

    void calls(Calls visitor) {
        long[] counts = calls;
        for (int i = 0; counts != null && i < counts.length; i++) {
            if (counts[i] > 0) {
                visitor.are(i == GRPC_STATUSES ? "other" : Integer.toString(i), counts[i]);
            }
        }
    }

    /** Per bucket, not cumulative. */
    long[] counts(Histogram of) {
        return of.counts(histograms);
    }

    /** In the unit of its bounds. */
    double sum(Histogram of) {
        return of.sum(histograms);
    }

    long retries() {
        return retries;
    }

    private interface CellVisitor {
        void cell(int key, long count);
    }

    private void each(CellVisitor visitor) {
        if (firstKey != 0) {
            visitor.cell(firstKey, firstCount);
        }
        Cells now = others;
        for (int i = 0; i < now.keys().length && now.keys()[i] != 0; i++) {
            visitor.cell(now.keys()[i], now.counts()[i]);
        }
    }

    private static int method(String method) {
        for (int i = 0; i < METHODS.length - 1; i++) {
            if (METHODS[i].equals(method)) {
                return i;
            }
        }
        return METHODS.length - 1;
    }

    /** The status, or its class below ten. Never 0, which marks a free cell. */
    private static int label(int status) {
        if (status < 100 || status > 599) {
            return 9;
        }
        return KNOWN[status] ? status : status / 100;
    }

    private static boolean[] known() {
        boolean[] known = new boolean[STATUSES];
        int[][] ranges = {
            {100, 103},
            {200, 208},
            {226, 226},
            {300, 308},
            {400, 418},
            {421, 426},
            {428, 429},
            {431, 431},
            {451, 451},
            {499, 499},
            {500, 508},
            {510, 511}
        };
        for (int[] range : ranges) {
            Arrays.fill(known, range[0], range[1] + 1, true);
        }
        return known;
    }
}
