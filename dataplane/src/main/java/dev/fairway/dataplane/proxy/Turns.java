package dev.fairway.dataplane.proxy;

import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Shares one loop's turns between client addresses (attack ledger F2). The time of each read cycle is its
 * address's. In a turn that is long, an address that had as much of it as others on average, or more,
 * holds what comes; when all that the kernel had was read, connections that hold something go on, one of
 * each address after another, for about as long as the turn took so far, and the rest wait for the next
 * turn, which begins at once. So who asks for little waits for a turn that is as long as it should be and
 * something, whatever others ask for, and nobody waits while there is nothing else to do. To count the
 * requests of each connection instead would bound neither what a request costs nor what an address with
 * many connections takes.
 *
 * <p>A trusted proxy speaks for many and is never held back. What backends send is nobody's. Needs no
 * reading of the clock but the one of each read cycle. Owned by its loop.
 */
final class Turns {
    /** After so long without a second address, one that asks has the loop to itself. */
    private static final long ALONE_NANOS = 1_000_000_000;

    private static final Runnable NOTHING = () -> {};

    private final Engine engine;
    private final Loop loop;
    private final Map<Connections.Source, Party> parties = new HashMap<>();
    private final ArrayDeque<Party> round = new ArrayDeque<>();
    private @Nullable Party last;
    private long othersSeen = System.nanoTime() - ALONE_NANOS;
    private long turn;
    private long spentInTurn;
    private int partiesInTurn;

    /** One address, or one connection of a trusted proxy. */
    final class Party {
        private final Connections.@Nullable Source source;
        private @Nullable ArrayDeque<Runnable> waiting;
        private int connections;
        private long turnOfSpent;
        private long spent;

        Party(Connections.@Nullable Source source) {
            this.source = source;
        }

        /** A read cycle of its took so long. */
        void took(long nanos) {
            if (turnOfSpent != turn) {
                turnOfSpent = turn;
                spent = 0;
                partiesInTurn++;
            }
            spent += nanos;
            spentInTurn += nanos;
        }

        /** Whether it had as much of a turn that is long as all others on average, or more. */
        private boolean hadItsShare() {
            return turnOfSpent == turn
                    && spentInTurn >= engine.limits().entry().turn().toNanos()
                    && spent >= spentInTurn / partiesInTurn;
        }
    }

    Turns(Engine engine, Loop loop) {
        this.engine = engine;
        this.loop = loop;
    }

    /** A connection begins; {@link #left} must follow. */
    Party entered(byte[] peer) {
        if (loop.trusted(engine.settings().forwarding()).contains(peer)) {
            return new Party(null);
        }
        Party party = parties.computeIfAbsent(Connections.Source.of(peer), Party::new);
        party.connections++;
        return party;
    }

    void left(Party party) {
        if (party.source != null && --party.connections == 0) {
            parties.remove(party.source);
        }
    }

    /**
     * A read cycle of this address's begins.
     *
     * @return false: what came is to be held until its turn: see {@link #await}
     */
    boolean begins(Party party) {
        loop.clock().charge(party);
        if (party != last) {
            if (last != null) {
                othersSeen = loop.now();
            }
            last = party;
        }
        if (party.source == null) {
            return true;
        }
        return party.waiting == null && (!party.hadItsShare() || alone());
    }

    private boolean alone() {
        return loop.now() - othersSeen > ALONE_NANOS;
    }

    /**
     * In the middle of a read cycle that began: whether it may go on.
     *
     * @return false: the rest is to be held
     */
    boolean goesOn(Party party) {
        loop.clock().pass();
        return begins(party);
    }

    /** Runs a connection's {@code next} when its address has its turn; what that throws is its own. */
    void await(Party party, Channel channel, Runnable next) {
        ArrayDeque<Runnable> waiting = party.waiting;
        if (waiting == null) {
            waiting = new ArrayDeque<>();
            party.waiting = waiting;
            round.addLast(party);
        }
        waiting.addLast(() -> {
            try {
                next.run();
            } catch (RuntimeException e) {
                channel.pipeline().fireExceptionCaught(e);
            }
        });
        if (!loop.clock().turning()) {
            stayAwake();
        }
    }

    /** The end of the loop's turn. */
    void turn() {
        if (!round.isEmpty()) {
            long most = Math.max(engine.limits().entry().turn().toNanos(), spentInTurn);
            long until = loop.now() + most;
            do {
                one(round.removeFirst());
            } while (!round.isEmpty() && loop.now() - until < 0);
            if (!round.isEmpty()) {
                stayAwake();
            }
        }
        turn++;
        spentInTurn = 0;
        partiesInTurn = 0;
    }

    private void one(Party party) {
        ArrayDeque<Runnable> waiting = Objects.requireNonNull(party.waiting);
        Runnable next = waiting.removeFirst();
        if (waiting.isEmpty()) {
            party.waiting = null;
        } else {
            round.addLast(party);
        }
        loop.clock().charge(party);
        next.run();
        loop.clock().pass();
    }

    /** A loop with a task does not wait for the kernel. */
    private void stayAwake() {
        loop.executor().execute(NOTHING);
    }
}
