package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.proxy.ProxyLimits;
import java.util.function.IntUnaryOperator;

/** A response to GET and to HEAD: as {@link RequestTarget}. */
public final class ResponseTarget {
    private ResponseTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        for (IntUnaryOperator pieces : Agreement.cuts(input.length)) {
            Agreement.response(input, ProxyLimits.DEFAULTS.upstream().head(), false, pieces);
            Agreement.response(input, Agreement.TIGHT, true, pieces);
        }
    }
}
