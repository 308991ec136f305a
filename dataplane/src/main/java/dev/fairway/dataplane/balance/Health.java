package dev.fairway.dataplane.balance;

/** What passive observation knows of one endpoint. Thread-safe. */
public interface Health {

    void record(Endpoint.Result result, long nanos);

    /** Whether new requests avoid it for now. */
    boolean ejected();

    /** The response time to expect, in microseconds, forgotten over time; 0 when unknown. */
    default double expectedMicros() {
        return 0;
    }

    /** What was expected when it last answered: nothing is forgotten. */
    default double lastMicros() {
        return 0;
    }
}
