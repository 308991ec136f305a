package dev.fairway.dataplane.proxy;

/**
 * What one HTTP/2 client spends of our work without asking for any (attack ledger C1, C2, C8). Each
 * question counts one more and tells whether that is still fine. Owned by its connection's loop.
 */
final class Http2Guard {
    /** Requests and their bodies' frames pay for so many more control frames. */
    private static final int SLACK = 100;

    private final Http2Limits limits;
    private final Loop loop;

    private long resetsSince;
    private int clientResets;
    private int ourResets;

    private int control;
    private long controlSince;

    private int streams;
    private long dataFrames;
    private long priorities;
    private long updates;
    private int empty;

    Http2Guard(Http2Limits limits, Loop loop) {
        this.limits = limits;
        this.loop = loop;
        this.resetsSince = loop.now();
        this.controlSince = resetsSince;
    }

    /** A request or a frame of one's body came, or went. */
    void useful() {
        if (control > 0) {
            control--;
        }
    }

    void stream() {
        streams++;
        useful();
    }

    /** A DATA frame of ours went. */
    void data() {
        dataFrames++;
        useful();
    }

    /** The client reset a stream. */
    boolean reset() {
        resetWindow();
        return ++clientResets <= limits.resets();
    }

    /** The client made us reset a stream. */
    boolean provoked() {
        resetWindow();
        return ++ourResets <= limits.resets();
    }

    private void resetWindow() {
        long now = loop.now();
        if (now - resetsSince >= limits.resetWindow().toNanos()) {
            resetsSince = now;
            clientResets = 0;
            ourResets = 0;
        }
    }

    /** PING, SETTINGS, unknown frames, frames on streams that are gone. */
    boolean control(int weight) {
        long now = loop.now();
        long forgotten =
                (now - controlSince) * limits.controlFrames() / limits.resetWindow().toNanos();
        if (forgotten > 0) {
            control = (int) Math.max(0, control - forgotten);
            controlSince = now;
        }
        control += weight;
        return control <= limits.controlFrames();
    }

    boolean priority() {
        return ++priorities <= (long) limits.prioritiesPerStream() * (1 + streams);
    }

    boolean windowUpdate() {
        return ++updates <= SLACK + limits.updatesPerFrame() * (streams + dataFrames);
    }

    /** A DATA frame without content that does not end its stream. */
    boolean emptyData() {
        return ++empty <= limits.emptyFrames();
    }

    void fullData() {
        empty = 0;
        useful();
    }
}
