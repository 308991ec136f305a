package dev.fairway.dataplane.proxy;

/**
 * One client connection, whatever it speaks, as drain and overload see it. All calls are on its loop,
 * which lists it from its first byte to its end.
 */
interface Downstream {

    /**
     * Closes if nothing has been under way since {@code nanos}, on the clock of {@link
     * System#nanoTime}.
     */
    boolean closeIfIdle(long nanos);

    /** The address it is counted by, if it is. */
    byte[] peer();

    /** Bytes that wait on it, in either direction. */
    long heldBytes();

    /** Ends at once, whatever is under way. */
    void cut();
}
