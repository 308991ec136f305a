package dev.fairway.dataplane.proxy;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;

/**
 * One loop's TLS handshakes with clients. Those whose ClientHello is there wait for the end of the
 * loop's turn; then one of each address is computed after the other, until a share of the turn's time is
 * spent, and the rest wait for the next turn. So a flood from one address delays another's handshake
 * by one of its own, and requests by that share, while whoever is alone has the loop to itself (attack
 * ledger D12). Owned by its loop.
 */
final class Handshakes {
    /**
     * What handshakes may take of a turn before requests are looked after again: some of them, so that
     * asking the kernel in between costs nothing worth mentioning.
     */
    private static final long SHARE_NANOS = 1_000_000;

    private static final Runnable NOTHING = () -> {};

    private final Engine engine;
    private final Loop loop;
    private final Map<Connections.Source, Party> parties = new LinkedHashMap<>();
    private final ArrayDeque<Party> round = new ArrayDeque<>();
    private int underWay;

    /** Those of one address, the oldest first. */
    private static final class Party {
        private final LinkedHashSet<Entrance> underWay = new LinkedHashSet<>();
        private final LinkedHashMap<Entrance, Runnable> waiting = new LinkedHashMap<>();
        private boolean inRound;
    }

    Handshakes(Engine engine, Loop loop) {
        this.engine = engine;
        this.loop = loop;
    }

    /**
     * A handshake begins; {@link #ended} must follow. With too many under way the address that has most
     * gives up its oldest, since honest ones take milliseconds (D1).
     */
    void begun(Entrance newcomer) {
        parties.computeIfAbsent(newcomer.source(), source -> new Party()).underWay.add(newcomer);
        if (++underWay > engine.limits().entry().handshakesPerLoop()) {
            engine.fire(Limit.HANDSHAKES);
            cutOldest(most());
        }
    }

    /** Of parties with as many, the one that is there for longest. */
    private Party most() {
        Party most = parties.values().iterator().next();
        for (Party party : parties.values()) {
            if (party.underWay.size() > most.underWay.size()) {
                most = party;
            }
        }
        return most;
    }

    private void cutOldest(Party party) {
        Entrance oldest = party.underWay.getFirst();
        ended(oldest);
        oldest.cut();
    }

    void ended(Entrance entrance) {
        Party party = parties.get(entrance.source());
        if (party != null && party.underWay.remove(entrance)) {
            underWay--;
            party.waiting.remove(entrance);
            if (party.underWay.isEmpty()) {
                parties.remove(entrance.source());
            }
        }
    }

    /** Its ClientHello is there. */
    void ready(Entrance entrance, Runnable handshake) {
        Party party = parties.get(entrance.source());
        if (party == null || !party.underWay.contains(entrance)) {
            return; // cut meanwhile
        }
        party.waiting.put(entrance, handshake);
        if (!party.inRound) {
            party.inRound = true;
            round.addLast(party);
        }
        if (party.waiting.size() > engine.limits().entry().handshakesWaiting()) {
            engine.fire(Limit.HANDSHAKES_WAITING);
            Entrance oldest = party.waiting.firstEntry().getKey();
            ended(oldest);
            oldest.cut();
        }
        if (!loop.clock().turning()) {
            stayAwake();
        }
    }

    /** The end of the loop's turn. */
    void turn() {
        if (round.isEmpty()) {
            return;
        }
        long until = System.nanoTime() + SHARE_NANOS;
        do {
            Party party = round.removeFirst();
            Map.Entry<Entrance, Runnable> next = party.waiting.pollFirstEntry();
            party.inRound = !party.waiting.isEmpty();
            if (party.inRound) {
                round.addLast(party);
            }
            if (next != null) {
                next.getValue().run();
            }
        } while (!round.isEmpty() && System.nanoTime() - until < 0);
        if (!round.isEmpty()) {
            stayAwake();
        }
    }

    /** A loop with a task does not wait for the kernel. */
    private void stayAwake() {
        loop.executor().execute(NOTHING);
    }
}
