package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.proxy.ProxyLimits;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** A response to GET and to HEAD: as {@link RequestTarget}. */
public final class ResponseTarget {
    private ResponseTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        List<IntUnaryOperator> cuts = Agreement.cuts(input.length);
        Agreement.response(input, ProxyLimits.DEFAULTS.upstream().head(), false, cuts);
        Agreement.response(input, Agreement.TIGHT, true, cuts);
    }
}
