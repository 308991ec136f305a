package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.RequestHead;
import java.nio.charset.StandardCharsets;

/**
 * How often a request has passed through a data plane like this one, so that a route which leads back
 * here ends (attack ledger E18). Counted in {@code CDN-Loop} (RFC 8586) and not in {@code Via}, on
 * seeing which many servers stop compressing; nginx sends none either.
 */
final class Passes {

    /** Honest chains (an edge cluster before an inner one) have two or three. */
    static final int MOST = 10;

    private static final byte[] LINE = "CDN-Loop: fairway\r\n".getBytes(StandardCharsets.US_ASCII);

    private Passes() {}

    /** Whether this is one time too many. */
    static boolean tooMany(RequestHead head) {
        if (head.find(FieldName.CDN_LOOP) < 0) {
            return false;
        }
        int passes = 0;
        for (String line : head.headers("cdn-loop")) {
            for (String member : line.split(",", -1)) {
                String name = member.split(";", 2)[0].strip();
                passes += name.equalsIgnoreCase("fairway") ? 1 : 0;
            }
        }
        return passes >= MOST;
    }

    /** This time. What the client's own fields say of others stays before it. */
    static void writeTo(HeadWriter out) {
        out.raw(LINE);
    }
}
