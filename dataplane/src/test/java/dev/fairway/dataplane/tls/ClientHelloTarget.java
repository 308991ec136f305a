package dev.fairway.dataplane.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Any bytes as the beginning of a TLS connection ({@code hack/fuzz client-hello}): what comes of them
 * does not depend on how they are cut; a name is looked up once at most.
 */
public final class ClientHelloTarget {
    private ClientHelloTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String whole = outcome(input, Integer.MAX_VALUE);
        for (int size : new int[] {1, 5, 64}) {
            String cut = outcome(input, size);
            if (!whole.equals(cut)) {
                throw new AssertionError(whole + " whole, " + cut + " in pieces of " + size);
            }
        }
    }

    private static String outcome(byte[] input, int size) {
        int[] lookups = new int[1];
        ServerHandshake handshake =
                new ServerHandshake(
                        () -> {
                            lookups[0]++;
                            return CertificateTable.EMPTY;
                        },
                        Duration.ofSeconds(5),
                        new TlsOutcomes(),
                        HandshakeTurn.AT_ONCE);
        EmbeddedChannel channel = new EmbeddedChannel(handshake);
        String thrown = "";
        try {
            for (int at = 0; at < input.length && channel.isOpen(); at += size) {
                int length = Math.min(size, input.length - at);
                channel.writeInbound(Unpooled.copiedBuffer(input, at, length));
                if (size > input.length) {
                    break;
                }
            }
            channel.checkException();
        } catch (Exception e) {
            thrown = e.getClass().getSimpleName();
        }
        if (lookups[0] > 1) {
            throw new AssertionError(lookups[0] + " lookups");
        }
        StringBuilder said = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            byte[] bytes = new byte[out.readableBytes()];
            out.readBytes(bytes);
            out.release();
            said.append(HexFormat.of().formatHex(bytes));
        }
        boolean open = channel.isOpen();
        channel.finishAndReleaseAll();
        return lookups[0] == 1
                ? "looked up, said " + said + (open ? ", open" : ", closed")
                : thrown.isEmpty() ? (open ? "waits" : "closed") : "refused";
    }
}
