package dev.fairway.dataplane.proxy;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Any bytes as the beginning of a connection behind a load balancer ({@code hack/fuzz proxy-header}): no
 * exception; byte by byte the answer changes once at most; a header never claims more than there is, and
 * a line of version 1 reads as a plain reading of it does.
 */
public final class ProxyHeaderTarget {
    private static final Pattern LINE =
            Pattern.compile(
                    "PROXY TCP([46]) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) ([0-9]+) ([0-9]+)\r\n.*",
                    Pattern.DOTALL);

    private static final int COPIED = 160;

    /** How many lengths behind the one that settled it are looked at. */
    private static final int BEHIND = 16;

    private ProxyHeaderTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ProxyHeader settled = null;
        int bound = Math.min(input.length, ProxyHeader.MAX_BYTES);
        int last = bound;
        for (int length = 0; length <= last; length++) {
            // Where most is decided, an array that ends there: nobody reads beyond.
            byte[] bytes =
                    length <= COPIED || length == bound ? Arrays.copyOf(input, length) : input;
            ProxyHeader now = ProxyHeader.read(bytes, length);
            if (settled == null) {
                settled = now instanceof ProxyHeader.Incomplete ? null : now;
                int size = size(now);
                if (size > 0 && size != length) {
                    throw new AssertionError(now + " at " + length);
                }
                last = settled == null ? bound : Math.min(bound, length + BEHIND);
            } else {
                if (!same(settled, now)) {
                    throw new AssertionError(settled + " then " + now);
                }
            }
        }
        if (settled instanceof ProxyHeader.Client client && input[0] == 'P') {
            line(new String(input, StandardCharsets.ISO_8859_1), client);
        }
    }

    private static int size(ProxyHeader header) {
        return switch (header) {
            case ProxyHeader.Incomplete _, ProxyHeader.Malformed _ -> 0;
            case ProxyHeader.Own(int size) -> size;
            case ProxyHeader.Client client -> client.size();
        };
    }

    private static boolean same(ProxyHeader a, ProxyHeader b) {
        if (a instanceof ProxyHeader.Client x && b instanceof ProxyHeader.Client y) {
            return x.size() == y.size()
                    && Arrays.equals(x.source(), y.source())
                    && x.destinationPort() == y.destinationPort();
        }
        return a.equals(b);
    }

    private static void line(String text, ProxyHeader.Client client) {
        Matcher line = LINE.matcher(text);
        require(line.matches(), "taken: " + text);
        byte[] address = InetAddress.ofLiteral(line.group(2)).getAddress();
        require(Arrays.equals(address, client.source()), "address " + line.group(2));
        require(Integer.parseInt(line.group(4)) <= 65535, "port " + line.group(4));
        require(
                Integer.parseInt(line.group(5)) == client.destinationPort(),
                "port " + line.group(5));
        require(line.group(1).equals("6") == line.group(2).contains(":"), "family");
        require(text.indexOf("\r\n") + 2 == client.size() && client.size() <= 107, "size");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
