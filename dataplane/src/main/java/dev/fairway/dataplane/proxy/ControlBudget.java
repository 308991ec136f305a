package dev.fairway.dataplane.proxy;

/**
 * How many frames that carry nothing of a message a peer may send: each makes work, and some an answer
 * (attack ledger C8). Frames of messages earn some, since gRPC servers ping as they send. Owned by its
 * connection's loop.
 */
final class ControlBudget {
    /** What one frame of a message stands for. */
    private static final int EARNED = 4;

    private final int most;
    private final long periodNanos;
    private int spent;
    private long began;

    ControlBudget(int most, long periodNanos, long now) {
        this.most = most;
        this.periodNanos = periodNanos;
        this.began = now;
    }

    void earn() {
        spent = Math.max(0, spent - EARNED);
    }

    /**
     * @return false: too many
     */
    boolean spend(long now) {
        if (now - began >= periodNanos) {
            began = now;
            spent = 0;
        }
        return ++spent <= most;
    }
}
