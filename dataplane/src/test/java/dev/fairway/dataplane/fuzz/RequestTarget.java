package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.proxy.ProxyLimits;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * A request, head and body: the engine agrees with the reference, whatever the pieces, under tight
 * limits and under the real ones.
 */
public final class RequestTarget {
    private RequestTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        List<IntUnaryOperator> cuts = Agreement.cuts(input.length);
        Agreement.request(input, ProxyLimits.DEFAULTS.client().head(), cuts);
        Agreement.request(input, Agreement.TIGHT, cuts);
    }
}
