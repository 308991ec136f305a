package dev.fairway.dataplane.http1;

/**
 * Reads the {@code Connection} fields of a head (RFC 9110 7.6.1): marks the fields they name as
 * dropped, except end-to-end ones, which no client may have removed (attack ledger E8).
 */
final class ConnectionOptions {
    static final int CLOSE = 1;
    static final int KEEP_ALIVE = 2;
    static final int UPGRADE = 4;
    static final int FAULTY = 8;
    static final int TE = 16;

    /** Each name is looked for among all fields: the product is what has to stay small. */
    private static final int MAX_NAMES = 32;

    private ConnectionOptions() {}

    /** A set of the constants above. */
    static int read(Head head) {
        int options = 0;
        for (int i = head.find(FieldName.CONNECTION);
                i >= 0;
                i = head.find(FieldName.CONNECTION, i + 1)) {
            options |= line(head, head.valueStart(i), head.valueEnd(i));
        }
        return options;
    }

    private static int line(Head head, int from, int to) {
        byte[] bytes = head.bytes();
        int options = 0;
        int names = 0;
        int at = from;
        while (at < to) {
            int comma = Ascii.find(bytes, at, to, (byte) ',');
            int start = Ascii.skipBlank(bytes, at, comma);
            int end = Ascii.dropBlank(bytes, start, comma);
            if (start < end) {
                if (!Ascii.isToken(bytes, start, end) || ++names > MAX_NAMES) {
                    return FAULTY;
                }
                options |= option(head, start, end);
            }
            at = comma + 1;
        }
        return options;
    }

    private static int option(Head head, int start, int end) {
        byte[] bytes = head.bytes();
        if (Ascii.equalsIgnoreCase(bytes, start, end, "close")) {
            return CLOSE;
        }
        if (Ascii.equalsIgnoreCase(bytes, start, end, "keep-alive")) {
            return KEEP_ALIVE;
        }
        if (Ascii.equalsIgnoreCase(bytes, start, end, "upgrade")) {
            return UPGRADE;
        }
        if (Ascii.equalsIgnoreCase(bytes, start, end, "te")) {
            return TE;
        }
        for (int i = 0; i < head.count(); i++) {
            if (head.name(i) == FieldName.OTHER && sameName(head, i, start, end)) {
                head.rename(i, FieldName.DROPPED);
            }
        }
        return 0;
    }

    private static boolean sameName(Head head, int i, int start, int end) {
        int from = head.nameStart(i);
        if (head.nameEnd(i) - from != end - start) {
            return false;
        }
        byte[] bytes = head.bytes();
        for (int k = 0; k < end - start; k++) {
            if (Ascii.lower(bytes[from + k]) != Ascii.lower(bytes[start + k])) {
                return false;
            }
        }
        return true;
    }
}
