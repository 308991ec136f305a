package dev.fairway.dataplane.message;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The one form of a path that matching, gates, logs and forwarding all see (attack ledger E1 to E5).
 * Unreserved percent-encodings are decoded (RFC 3986 6.2.2.2), the remaining ones get upper-case
 * digits, dot segments are resolved, repeated slashes merged. {@code %2F} stays as it is and never
 * separates segments; {@code ;} is an ordinary character. Bytes from 0x80 on, which a target may not
 * hold but clients send, become percent-encodings.
 *
 * <p>{@code " < > ^ ` { | }} and brackets stay raw where a client sends them raw, though RFC 3986
 * leaves them out: applications have such clients, nginx forwards them too, and encoded they would be
 * another path to signatures and to backends that match raw targets. None of them separates anything;
 * a server that wants none (Tomcat, Jetty) refuses the request whole, which smuggles nothing.
 *
 * <p>Refused: a dot segment that leaves the root, {@code %00}, {@code %5C}, a backslash, a broken
 * percent-encoding, controls, space, {@code ?}, {@code #}, and what some servers take for dot segments:
 * segments that begin with {@code .;} or {@code ..;}, and dots that {@code %2F} sets apart ({@code
 * /a/..%2Fb}).
 *
 * <p>Idempotent: the canonical form of a canonical path is itself. Pure; any thread.
 */
public final class CanonicalPath {
    private static final int REFUSED = -1;
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final boolean[] UNRESERVED = new boolean[128];

    static {
        for (int c = 0; c < 128; c++) {
            UNRESERVED[c] =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || c == '-'
                            || c == '.'
                            || c == '_'
                            || c == '~';
        }
    }

    private CanonicalPath() {}

    /**
     * For paths we made ourselves: rewritten ones.
     *
     * @return the canonical form, ASCII; null when the path is refused
     */
    public static @Nullable String canonical(String path) {
        byte[] in = path.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[bound(in, 0, in.length)];
        int length = canonical(in, 0, in.length, out, true);
        return length < 0 ? null : new String(out, 0, length, StandardCharsets.US_ASCII);
    }

    /** How long the canonical form of {@code in[from, to)} is at most. */
    public static int bound(byte[] in, int from, int to) {
        int bound = to - from + 1;
        for (int i = from; i < to; i++) {
            if (in[i] < 0) {
                bound += 2;
            }
        }
        return bound;
    }

    /**
     * Writes the canonical form of {@code in[from, to)} to the start of {@code out}.
     *
     * @param out at least {@link #bound} long, not {@code in}
     * @param mergeSlashes false: repeated slashes stay (what is forwarded in compatibility mode)
     * @return its length; negative when the path is refused
     */
    public static int canonical(byte[] in, int from, int to, byte[] out, boolean mergeSlashes) {
        if (from == to || in[from] != '/') {
            return REFUSED;
        }
        out[0] = '/';
        int end = 1;
        int i = from + 1;
        while (true) {
            int segment = end;
            boolean slash = false;
            while (i < to && in[i] != '/') {
                byte c = in[i];
                if (c == '%') {
                    int value = i + 2 < to ? encoded(in[i + 1], in[i + 2]) : REFUSED;
                    if (value <= 0 || value == '\\') {
                        return REFUSED;
                    }
                    slash |= value == '/';
                    end =
                            value < 128 && UNRESERVED[value]
                                    ? plain(out, end, (byte) value)
                                    : percent(out, end, value);
                    i += 3;
                } else if (c < 0) {
                    end = percent(out, end, c & 0xff);
                    i++;
                } else if (c <= ' ' || c == 0x7f || c == '\\' || c == '#' || c == '?') {
                    return REFUSED;
                } else {
                    out[end++] = c;
                    i++;
                }
            }
            if (slash && hidesDots(out, segment, end)) {
                return REFUSED;
            }
            boolean last = i == to;
            int kept = closeSegment(out, segment, end);
            if (kept < 0) {
                return REFUSED;
            }
            boolean dots = kept != end;
            end = kept;
            if (last) {
                return end;
            }
            i++;
            if (!dots && (end > segment || !mergeSlashes)) {
                out[end++] = '/';
            }
        }
    }

    /** Resolves {@code out[segment, end)} when it is a dot segment. */
    private static int closeSegment(byte[] out, int segment, int end) {
        if (end == segment || out[segment] != '.') {
            return end;
        }
        int length = end - segment;
        if (length == 1) {
            return segment;
        }
        if (out[segment + 1] == ';') {
            return REFUSED;
        }
        if (out[segment + 1] != '.') {
            return end;
        }
        if (length > 2) {
            return out[segment + 2] == ';' ? REFUSED : end;
        }
        if (segment == 1) {
            return REFUSED;
        }
        int parent = segment - 1;
        while (out[parent - 1] != '/') {
            parent--;
        }
        return parent;
    }

    /** Whether {@code %2F} as a separator would leave a dot segment in {@code out[segment, end)}. */
    private static boolean hidesDots(byte[] out, int segment, int end) {
        int part = segment;
        for (int i = segment; i <= end; i++) {
            boolean ends = i == end || (out[i] == '%' && out[i + 1] == '2' && out[i + 2] == 'F');
            if (!ends) {
                continue;
            }
            int length = i - part;
            boolean dots = length == 1 || (length == 2 && out[part + 1] == '.');
            if (dots && out[part] == '.') {
                return true;
            }
            part = i + 3;
        }
        return false;
    }

    private static int plain(byte[] out, int at, byte c) {
        out[at] = c;
        return at + 1;
    }

    private static int percent(byte[] out, int at, int value) {
        out[at] = '%';
        out[at + 1] = HEX[value >> 4];
        out[at + 2] = HEX[value & 15];
        return at + 3;
    }

    private static int encoded(byte high, byte low) {
        int h = Character.digit(high, 16);
        int l = Character.digit(low, 16);
        return h < 0 || l < 0 ? REFUSED : h << 4 | l;
    }
}
