package dev.fairway.dataplane.tls;

/**
 * When one connection's handshake is computed, once its ClientHello is there: a signature costs a loop
 * as much as dozens of requests. On the connection's loop.
 */
@FunctionalInterface
public interface HandshakeTurn {
    /** Each when it asks. */
    HandshakeTurn AT_ONCE = Runnable::run;

    /**
     * Runs it now or later on the same loop, or never if the connection is gone before.
     *
     * @param handshake computes our part; takes as long as that does
     */
    void take(Runnable handshake);
}
