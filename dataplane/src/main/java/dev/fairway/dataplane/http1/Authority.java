package dev.fairway.dataplane.http1;

/**
 * Host and port as a client may name them: a name of letters, digits, {@code -}, {@code _} and dots,
 * or an IPv6 literal, and a port of digits (attack ledger B16). Pure.
 */
final class Authority {
    static final int MAX_BYTES = 255;

    private Authority() {}

    /**
     * Writes the canonical host (lower case, no port, no trailing dot) to {@code host}.
     *
     * @param host at least {@link #MAX_BYTES} long
     * @return its length; negative when the authority is malformed
     */
    static int canonical(byte[] bytes, int from, int to, byte[] host) {
        if (from == to || to - from > MAX_BYTES) {
            return -1;
        }
        int end = bytes[from] == '[' ? literal(bytes, from, to) : name(bytes, from, to);
        if (end < 0 || !isPort(bytes, end, to)) {
            return -1;
        }
        int length = 0;
        for (int i = from; i < end; i++) {
            host[length++] = (byte) Ascii.lower(bytes[i]);
        }
        return host[length - 1] == '.' ? length - 1 : length;
    }

    private static int literal(byte[] bytes, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            byte b = bytes[i];
            if (b == ']') {
                return i > from + 2 ? i + 1 : -1;
            }
            if (Character.digit(b, 16) < 0 && b != ':' && b != '.') {
                return -1;
            }
        }
        return -1;
    }

    private static int name(byte[] bytes, int from, int to) {
        boolean labelEmpty = true;
        int i = from;
        for (; i < to && bytes[i] != ':'; i++) {
            int lower = Ascii.lower(bytes[i]);
            if (lower == '.') {
                if (labelEmpty) {
                    return -1;
                }
                labelEmpty = true;
            } else if ((lower >= 'a' && lower <= 'z')
                    || Ascii.isDigit(bytes[i])
                    || lower == '-'
                    || lower == '_') {
                labelEmpty = false;
            } else {
                return -1;
            }
        }
        return i == from ? -1 : i;
    }

    private static boolean isPort(byte[] bytes, int from, int to) {
        if (from == to) {
            return true;
        }
        if (bytes[from] != ':' || to - from < 2 || to - from > 6) {
            return false;
        }
        int port = 0;
        for (int i = from + 1; i < to; i++) {
            if (!Ascii.isDigit(bytes[i])) {
                return false;
            }
            port = port * 10 + bytes[i] - '0';
        }
        return port <= 65535;
    }
}
