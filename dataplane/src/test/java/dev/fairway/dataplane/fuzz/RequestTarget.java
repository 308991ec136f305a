package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.proxy.ProxyLimits;
import java.util.function.IntUnaryOperator;

/**
 * A request, head and body: the engine agrees with the reference, whatever the pieces, under tight
 * limits and under the real ones.
 */
public final class RequestTarget {
    private RequestTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        for (IntUnaryOperator pieces : Agreement.cuts(input.length)) {
            Agreement.request(input, ProxyLimits.DEFAULTS.client().head(), pieces);
            Agreement.request(input, Agreement.TIGHT, pieces);
        }
    }
}
