package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.message.Request;
import org.jspecify.annotations.Nullable;

/**
 * When a gRPC call has to be over, as its {@code grpc-timeout} says. The backend is told the same; this
 * ends the call where the backend does not. Owned by the exchange's loop.
 */
final class CallDeadline extends Deadline {
    private static final int MOST_DIGITS = 8;

    private final Exchange exchange;

    private CallDeadline(Exchange exchange) {
        this.exchange = exchange;
    }

    /**
     * Begins to count.
     *
     * @return null: the call has none
     */
    static @Nullable CallDeadline start(Loop loop, Exchange exchange, Request request) {
        String timeout = request.header("grpc-timeout");
        long nanos = timeout == null ? -1 : nanos(timeout);
        if (nanos < 0) {
            return null; // a malformed one is for the backend to refuse
        }
        CallDeadline deadline = new CallDeadline(exchange);
        loop.wheel().set(deadline, loop.now(), nanos);
        return deadline;
    }

    @Override
    void expired() {
        exchange.callExpired();
    }

    /** One to eight digits and a unit; -1: it is something else. */
    static long nanos(String timeout) {
        int digits = timeout.length() - 1;
        if (digits < 1 || digits > MOST_DIGITS) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < digits; i++) {
            char c = timeout.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        long unit =
                switch (timeout.charAt(digits)) {
                    case 'H' -> 3_600_000_000_000L;
                    case 'M' -> 60_000_000_000L;
                    case 'S' -> 1_000_000_000L;
                    case 'm' -> 1_000_000L;
                    case 'u' -> 1000;
                    case 'n' -> 1;
                    default -> -1;
                };
        return unit < 0 ? -1 : Math.min(value, Long.MAX_VALUE / unit) * unit;
    }
}
