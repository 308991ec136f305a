package dev.fairway.dataplane.balance;

/** Who may be picked, from strict to lenient: each is asked in turn until one yields somebody. */
enum Eligible {
    /** Neither tried by this request nor ejected. */
    HEALTHY,
    /** Not tried by this request. */
    UNTRIED,
    /** Anybody who has not left: a single endpoint may be asked again on a new connection. */
    ANYONE;

    boolean allows(Endpoint endpoint, Tried tried) {
        return endpoint.state() != Endpoint.State.GONE
                && (this == ANYONE || !tried.contains(endpoint))
                && (this != HEALTHY || !endpoint.health().ejected());
    }
}
