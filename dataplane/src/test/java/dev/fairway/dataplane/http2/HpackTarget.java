package dev.fairway.dataplane.http2;

import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http2.FieldBlock.Part;
import dev.fairway.dataplane.message.Header;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Header blocks of one connection, each behind its length in one byte ({@code hack/fuzz hpack}): decoder
 * and reference agree on what is a compression error and on every field; what is kept obeys RFC 9113 8.2
 * and 8.3 and the limits.
 */
public final class HpackTarget {
    private static final HeadLimits LIMITS = new HeadLimits(200, 1000, 12);
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]+");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final Pattern BLANK = Pattern.compile("[ \\t].*|.*[ \\t]", Pattern.DOTALL);
    private static final Set<String> PSEUDO =
            Set.of(":method", ":scheme", ":authority", ":path", ":protocol");
    private static final Set<String> OF_A_CONNECTION =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

    private HpackTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        HpackDecoder decoder = new HpackDecoder();
        ReferenceHpack reference = new ReferenceHpack();
        FieldBlock fields = new FieldBlock();
        int at = 0;
        while (at < input.length) {
            int size = Math.min(input[at] & 255, input.length - at - 1);
            byte[] block = Arrays.copyOfRange(input, at + 1, at + 1 + size);
            at += 1 + size;
            RequestHead head = new RequestHead();
            head.clear();
            fields.begin(Part.REQUEST, head, LIMITS);
            boolean good = decoder.decode(block, 0, block.length, fields);
            List<Header> expected = reference.decode(block);
            require(good == (expected != null), "compression error: " + !good);
            if (expected == null) {
                return;
            }
            Fault fault = fields.fault();
            if ((fault == null) != wellFormed(expected)) {
                throw new AssertionError(fault + " for " + expected);
            }
            if (fault == null && fields.request(head, () -> "key") == null) {
                same(expected, head);
            }
        }
    }

    /** RFC 9113 8.2 and 8.3 as far as single fields go, and the limits. */
    private static boolean wellFormed(List<Header> fields) {
        boolean regular = false;
        Set<String> seen = new java.util.HashSet<>();
        int charge = 0;
        int lines = 0;
        for (Header field : fields) {
            boolean pseudo = field.name().startsWith(":");
            regular |= !pseudo;
            lines += pseudo ? 0 : 1;
            charge += field.name().length() + field.value().length() + 32;
            boolean good =
                    pseudo
                            ? PSEUDO.contains(field.name()) && !regular && seen.add(field.name())
                            : NAME.matcher(field.name()).matches()
                                    && !OF_A_CONNECTION.contains(field.name());
            boolean te = !field.name().equals("te") || field.value().equalsIgnoreCase("trailers");
            boolean long_ = field.name().length() + field.value().length() + 2 > LIMITS.lineBytes();
            boolean blank = BLANK.matcher(field.value()).matches();
            if (!good || !te || long_ || blank || !VALUE.matcher(field.value()).matches()) {
                return false;
            }
        }
        return charge <= LIMITS.headBytes() && lines <= LIMITS.fields();
    }

    private static void same(List<Header> expected, RequestHead head) {
        List<String> wanted = new ArrayList<>();
        String cookies =
                expected.stream()
                        .filter(f -> f.name().equals("cookie"))
                        .map(Header::value)
                        .collect(Collectors.joining("; "));
        boolean cookie = false;
        boolean tunnel = expected.stream().anyMatch(f -> f.name().equals(":protocol"));
        for (Header field : expected) {
            if (field.name().startsWith(":") || (field.name().equals("cookie") && cookie)) {
                continue;
            }
            cookie |= field.name().equals("cookie");
            String value = field.name().equals("cookie") ? cookies : field.value();
            wanted.add(field.name() + ": " + value);
        }
        int from = head.lineStart(0);
        String lines =
                new String(
                        head.bytes(),
                        from,
                        head.lineStart(head.count()) - from,
                        StandardCharsets.ISO_8859_1);
        String text = wanted.stream().map(l -> l + "\r\n").collect(Collectors.joining());
        require(tunnel ? lines.startsWith(text) : lines.equals(text), lines + " for " + text);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
