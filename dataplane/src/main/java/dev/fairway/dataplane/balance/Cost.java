package dev.fairway.dataplane.balance;

/** What one more request at an endpoint costs; only its order counts. */
enum Cost {
    /** Requests in flight. */
    LEAST_REQUESTS {
        @Override
        double of(Endpoint endpoint) {
            return endpoint.inFlight() + 1;
        }
    },

    /**
     * Expected response time × requests in flight. An expectation fades only while nothing is under way:
     * one that stops answering would else look better the longer it hangs, and gather what comes. Once
     * faded it is asked again, by one request: that one makes it busy, and what was known of it holds.
     */
    PEAK_EWMA {
        @Override
        double of(Endpoint endpoint) {
            int queue = endpoint.inFlight();
            double micros =
                    queue == 0
                            ? endpoint.health().expectedMicros()
                            : endpoint.health().lastMicros();
            if (micros == 0 && queue > 0) {
                micros = Latency.PENALTY_NANOS / 1000.0; // unknown, and it hasn't answered yet
            }
            return Math.max(micros, NOISE_MICROS) * (queue + 1);
        }
    };

    /** Faster than this all are equally fast, and the queue alone decides. */
    static final double NOISE_MICROS = 1000;

    abstract double of(Endpoint endpoint);
}
