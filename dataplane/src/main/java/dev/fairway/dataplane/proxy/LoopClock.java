package dev.fairway.dataplane.proxy;

import org.jspecify.annotations.Nullable;

/**
 * One loop's time: read from the machine's clock once per read cycle, since a reading costs some 25 ns
 * and a request asks a dozen times. Never older than the loop's turn. Owned by its loop.
 */
final class LoopClock {
    private long now;
    private boolean fresh;
    private boolean turning;
    private Turns.@Nullable Party payer;
    private long payedFrom;
    private Runnable afterTurn = () -> {};
    private long turn = System.nanoTime();
    private long turnBefore = turn;

    /** As {@link System#nanoTime}, at about this moment. */
    long now() {
        if (!fresh) {
            fresh = true;
            now = System.nanoTime();
        }
        return now;
    }

    /** The read cycle that began is this client address's, until it ends. */
    void charge(Turns.Party party) {
        if (payer == null) {
            payer = party;
            payedFrom = now();
        }
    }

    /** A read cycle ended; within a turn the next one begins at the same moment. */
    void pass() {
        Turns.Party party = payer;
        fresh = false;
        if (party != null) {
            payer = null;
            party.took(now() - payedFrom);
            fresh = turning;
        }
    }

    /** A turn begins: the loop is about to ask the kernel for events. */
    void turn() {
        fresh = false;
        turnBefore = turn;
        turn = System.nanoTime();
        turning = true;
    }

    /** All that the kernel had was delivered. */
    void turned() {
        turning = false;
        afterTurn.run();
    }

    /** Whether more may be delivered before {@link #turned}. */
    boolean turning() {
        return turning;
    }

    /** Runs at the end of each turn. */
    void afterTurn(Runnable task) {
        afterTurn = task;
    }

    /**
     * What came on any channel before this moment has been delivered: it was there when the loop last
     * asked, and a turn ends only when all that was answered is done.
     */
    long deliveredUntil() {
        return turnBefore;
    }
}
