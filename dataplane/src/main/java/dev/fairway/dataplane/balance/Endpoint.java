package dev.fairway.dataplane.balance;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One live endpoint of one backend; outlives generations while its address and port stay in the
 * backend's set. Counters are written by every loop.
 */
public final class Endpoint {
    private final InetSocketAddress address;
    private final String text;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger tunnels = new AtomicInteger();
    private final AtomicInteger uploads = new AtomicInteger();
    private final AtomicInteger stalled = new AtomicInteger();
    private final Health health;
    private final long hash;
    private final long joined;
    private final boolean newcomer;
    private volatile State state;

    /** As the cluster says; ejection is {@link Health}'s. */
    public enum State {
        READY,
        DRAINING,
        /** Left the set: no new request, idle connections closed, active ones after their response. */
        GONE
    }

    /**
     * @param joined when, by the registry's clock
     * @param newcomer it joined others that could serve
     */
    Endpoint(InetSocketAddress address, State state, Health health, long joined, boolean newcomer) {
        this.address = address;
        this.state = state;
        this.health = health;
        this.joined = joined;
        this.newcomer = newcomer;
        String host = address.getAddress().getHostAddress();
        this.text = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
        this.hash = Rendezvous.hash(text);
    }

    long joined() {
        return joined;
    }

    boolean newcomer() {
        return newcomer;
    }

    /** What consistent hashing knows it by: the same in every process and after a restart. */
    long hash() {
        return hash;
    }

    public InetSocketAddress address() {
        return address;
    }

    /** {@code 10.0.0.1:8080} or {@code [fd00::1]:8080}. */
    @Override
    public String toString() {
        return text;
    }

    public State state() {
        return state;
    }

    void state(State next) {
        state = next;
    }

    public int inFlight() {
        return inFlight.get();
    }

    /**
     * Requests in flight that the endpoint has all of and the client takes, without those that became
     * tunnels: what circuit breaking bounds.
     *
     * @param apart so many whose clients take nothing have places of their own; more count
     */
    public int load(int apart) {
        return inFlight.get() - tunnels.get() - uploads.get() - Math.min(stalled.get(), apart);
    }

    /**
     * Requests in flight whose bodies are still on their way: bounded apart, or clients that send theirs
     * a byte at a time would take the place of everybody else's.
     */
    public int uploads() {
        return uploads.get();
    }

    /**
     * Requests in flight whose responses wait for the client to take more. None of them is among the
     * {@link #uploads}.
     */
    public int stalled() {
        return stalled.get();
    }

    /** Of an attempt under way. */
    public void stallBegins() {
        stalled.incrementAndGet();
    }

    /** Before {@link #end}. */
    public void stallEnds() {
        stalled.decrementAndGet();
    }

    /** Of an attempt under way. */
    public void uploadBegins() {
        uploads.incrementAndGet();
    }

    /** Before {@link #end}. */
    public void uploadEnds() {
        uploads.decrementAndGet();
    }

    /** An attempt under way switched protocols. */
    public void tunnelBegins() {
        tunnels.incrementAndGet();
    }

    /** Before {@link #end}. */
    public void tunnelEnds() {
        tunnels.decrementAndGet();
    }

    /** An attempt begins. */
    public void begin() {
        inFlight.incrementAndGet();
    }

    /**
     * An attempt ended; called exactly once for each {@link #begin}.
     *
     * @param result how
     * @param nanos to the response head, or to the failure
     */
    public void end(Result result, long nanos) {
        inFlight.decrementAndGet();
        health.record(result, nanos);
    }

    public Health health() {
        return health;
    }

    /** What passive ejection and EWMA learn from. */
    public enum Result {
        /** A response that is not a gateway error. */
        SUCCESS,
        /** 502, 503 or 504 from the backend. */
        GATEWAY_STATUS,
        CONNECT_FAILED,
        /** Reset, malformed, closed early. */
        BROKEN,
        TIMED_OUT,
        /** The client left; says nothing about the endpoint. */
        ABANDONED
    }
}
