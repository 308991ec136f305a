package dev.fairway.dataplane.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Small damage to bytes, by seeded chance. */
public final class Mutator {
    private static final String[] PIECES = {
        "\r\n",
        "\n",
        "\r",
        "\0",
        "\t",
        " ",
        ":",
        ",",
        ";",
        "=",
        "\"",
        "\\",
        "/",
        "//",
        "/../",
        "%2e",
        "%2F",
        "%00",
        "%",
        "#",
        "?",
        "@",
        "[",
        "]",
        "0",
        "-1",
        "+1",
        "0x1",
        "1\r\n",
        "0\r\n\r\n",
        "\u000b",
        "\f",
        "\u0085",
        "\u00a0",
        "\u007f",
        "\u00ff",
        "_",
        "HTTP/1.1",
        "HTTP/1.0",
        "HTTP/1.",
        "Host: a.test\r\n",
        "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n",
        "Connection: ",
        "chunked",
        "Expect: 100-continue\r\n",
        "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n",
        "http://",
        "100",
        "204",
        "ffffffff"
    };

    private final Random random;

    public Mutator(Random random) {
        this.random = random;
    }

    /**
     * One to four mutations of {@code in}.
     *
     * @param others what may be spliced in
     */
    public byte[] mutate(byte[] in, List<byte[]> others) {
        byte[] out = in;
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            out = once(out, others);
        }
        return out;
    }

    private byte[] once(byte[] in, List<byte[]> others) {
        int at = random.nextInt(in.length + 1);
        int size = Math.min(in.length - at, 1 + random.nextInt(8));
        return switch (random.nextInt(9)) {
            case 0 -> replace(in, at, at, new byte[] {(byte) random.nextInt(256)});
            case 1 -> replace(in, at, at + size, new byte[0]);
            case 2 -> flip(in, at);
            case 3, 4 -> replace(in, at, at, latin(PIECES[random.nextInt(PIECES.length)]));
            case 5 -> replace(in, at, at + size, latin(PIECES[random.nextInt(PIECES.length)]));
            case 6 -> replace(in, at, at, Arrays.copyOfRange(in, at, at + size));
            case 7 -> line(in);
            default -> splice(in, at, others);
        };
    }

    private byte[] flip(byte[] in, int at) {
        byte[] out = in.clone();
        if (at < out.length) {
            out[at] ^= (byte) (1 << random.nextInt(8));
        }
        return out;
    }

    /** A line twice, or not at all. */
    private byte[] line(byte[] in) {
        String text = new String(in, java.nio.charset.StandardCharsets.ISO_8859_1);
        String[] lines = text.split("(?<=\n)");
        int at = random.nextInt(lines.length);
        lines[at] = random.nextBoolean() ? lines[at] + lines[at] : "";
        return latin(String.join("", lines));
    }

    private byte[] splice(byte[] in, int at, List<byte[]> others) {
        if (others.isEmpty()) {
            return in;
        }
        byte[] other = others.get(random.nextInt(others.size()));
        int from = random.nextInt(other.length + 1);
        int to = Math.min(other.length, from + random.nextInt(40));
        return replace(in, at, at, Arrays.copyOfRange(other, from, to));
    }

    private static byte[] replace(byte[] in, int from, int to, byte[] by) {
        byte[] out = new byte[in.length - (to - from) + by.length];
        System.arraycopy(in, 0, out, 0, from);
        System.arraycopy(by, 0, out, from, by.length);
        System.arraycopy(in, to, out, from + by.length, in.length - to);
        return out;
    }

    static String text(byte[] latin) {
        return new String(latin, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    static byte[] latin(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
