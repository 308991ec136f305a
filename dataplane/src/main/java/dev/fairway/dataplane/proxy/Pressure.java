package dev.fairway.dataplane.proxy;

/**
 * How short memory is, and what is done about it: each stage does what those before it do as well
 * (reference/kubernetes.md section 7).
 */
public enum Pressure {
    NONE(0),
    /** Unused connections go early, and responses that are not taken. */
    SHORT_IDLE(0.80),
    /** Each answer is its connection's last; responses not taken for a fifth of that time go. */
    NO_KEEP_ALIVE(0.88),
    /** A new request is answered 503, at the cost of its head. */
    REFUSE_REQUESTS(0.92),
    /** Newcomers wait in the kernel's queue. */
    STOP_ACCEPTING(0.95),
    /** The connections that hold most are cut. */
    CUT_LARGEST(0.97);

    /** A stage is left this far below where it was entered, so that it does not flap. */
    static final double HYSTERESIS = 0.03;

    private static final Pressure[] STAGES = values();

    private final double enters;

    Pressure(double enters) {
        this.enters = enters;
    }

    boolean atLeast(Pressure other) {
        return compareTo(other) >= 0;
    }

    /** The stage that follows this one when so much is in use. */
    Pressure next(double share) {
        Pressure next = this;
        while (next.ordinal() + 1 < STAGES.length && share >= STAGES[next.ordinal() + 1].enters) {
            next = STAGES[next.ordinal() + 1];
        }
        while (next != NONE && share < next.enters - HYSTERESIS) {
            next = STAGES[next.ordinal() - 1];
        }
        return next;
    }
}
