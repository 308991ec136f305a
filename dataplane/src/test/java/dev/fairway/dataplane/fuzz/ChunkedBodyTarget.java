package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.proxy.ProxyLimits;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The input as the chunked body of a request. */
public final class ChunkedBodyTarget {
    private static final byte[] HEAD =
            "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private ChunkedBodyTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(HEAD);
        message.writeBytes(input);
        byte[] bytes = message.toByteArray();
        Agreement.request(
                bytes, ProxyLimits.DEFAULTS.client().head(), Agreement.cuts(input.length));
    }
}
