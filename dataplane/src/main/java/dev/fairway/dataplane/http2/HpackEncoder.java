package dev.fairway.dataplane.http2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Encodes heads that have HTTP/1's form, as {@code HeadWriter} leaves them. A line that was sent before
 * is found by a hash of its bytes and becomes one byte or two; a line enters the table when it is seen for
 * the second time, so that values which never come back push nothing out. Fields of the HTTP/1 connection
 * are left out; names get lower case. Secrets are never indexed (RFC 7541 7.1.3).
 *
 * <p>One per connection; owned by its event loop.
 */
public final class HpackEncoder {
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long RETURNS = ONES * '\r';
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private static final int INDEXED = 0x80;
    private static final int INDEXING = 0x40;
    private static final int UPDATE = 0x20;
    private static final int NEVER = 0x10;
    private static final int PLAIN = 0;

    private static final byte[] CONNECT = {'C', 'O', 'N', 'N', 'E', 'C', 'T'};
    private static final byte[] PROTOCOL = {':', 'p', 'r', 'o', 't', 'o', 'c', 'o', 'l'};

    private static final int WAYS = 4;
    private static final int MAPPED = 256;
    private static final int SEEN = 64;

    /** What becomes of a field by its name alone. */
    private static final int PASSES = 0;

    private static final int SECRET = 1;
    private static final int LEFT_OUT = 2;

    private final HeaderTable table = new HeaderTable();

    /** Entries by hash, each in one of four neighbouring places; stale ones are overwritten. */
    private int[] mapped = new int[0];

    /** Hashes of lines that were sent as literals. */
    private final int[] seen = new int[SEEN];

    private int announced = Http2.TABLE_BYTES;
    private int smallest = Http2.TABLE_BYTES;

    // The line just measured.
    private int lineEnd;
    private int hash;

    /** Whether the head asks for a tunnel. */
    private boolean connects;

    /** The peer's SETTINGS_HEADER_TABLE_SIZE. Told in the next block (RFC 7541 4.2). */
    public void tableBytes(int most) {
        int limit = Math.min(most, Http2.TABLE_BYTES);
        smallest = Math.min(smallest, limit);
        table.limit(limit);
    }

    private void begin(HeaderBlock out) {
        out.clear();
        if (smallest < announced) {
            out.integer(UPDATE, 5, smallest);
            announced = smallest;
        }
        if (table.limit() != announced) {
            out.integer(UPDATE, 5, table.limit());
            announced = table.limit();
        }
        smallest = announced;
    }

    /**
     * A response head: status line, fields, empty line.
     *
     * @return where it ends in {@code head}
     */
    public int response(byte[] head, int from, HeaderBlock out) {
        begin(out);
        status(head, from + 9, out);
        measure(head, from);
        return fields(head, lineEnd + 2, false, out);
    }

    /** A response head with another status than its status line's: 200 for a 101 (RFC 8441 5). */
    public int response(int status, byte[] head, int from, HeaderBlock out) {
        begin(out);
        byte[] digits = {
            (byte) ('0' + status / 100), (byte) ('0' + status / 10 % 10), (byte) ('0' + status % 10)
        };
        status(digits, 0, out);
        measure(head, from);
        return fields(head, lineEnd + 2, false, out);
    }

    private static void status(byte[] digits, int at, HeaderBlock out) {
        int status = (digits[at] - '0') * 100 + (digits[at + 1] - '0') * 10 + digits[at + 2] - '0';
        int index =
                switch (status) {
                    case 200 -> 8;
                    case 204 -> 9;
                    case 206 -> 10;
                    case 304 -> 11;
                    case 400 -> 12;
                    case 404 -> 13;
                    case 500 -> 14;
                    default -> 0;
                };
        if (index > 0) {
            out.put(INDEXED | index);
        } else {
            out.integer(PLAIN, 4, StaticTable.STATUS);
            out.string(digits, at, 3);
        }
    }

    /**
     * A request head: request line, Host and other fields, empty line. Host becomes the authority.
     *
     * @return where it ends in {@code head}
     */
    public int request(byte[] head, int from, boolean https, HeaderBlock out) {
        begin(out);
        int methodEnd = space(head, from);
        method(head, from, methodEnd, out);
        return request(head, methodEnd, https, false, out);
    }

    /**
     * A GET with an Upgrade, as the extended CONNECT that HTTP/2 has for it (RFC 8441 4); the key of the
     * handshake has no place there.
     *
     * @return where it ends in {@code head}
     */
    public int connect(byte[] head, int from, boolean https, HeaderBlock out) {
        begin(out);
        out.integer(PLAIN, 4, StaticTable.METHOD);
        out.string(CONNECT, 0, CONNECT.length);
        connects = true;
        try {
            return request(head, space(head, from), https, true, out);
        } finally {
            connects = false;
        }
    }

    private int request(
            byte[] head, int methodEnd, boolean https, boolean connect, HeaderBlock out) {
        int targetEnd = space(head, methodEnd + 1);
        out.put(INDEXED | (https ? StaticTable.SCHEME_HTTPS : StaticTable.SCHEME_HTTP));
        target(head, methodEnd + 1, targetEnd, out);
        measure(head, targetEnd);
        int first = lineEnd + 2;
        for (int line = first; head[line] != '\r'; line = lineEnd + 2) {
            measure(head, line);
            if (isHost(head, line)) {
                line(head, line, false, StaticTable.AUTHORITY, out);
                break;
            }
        }
        if (connect) {
            protocol(head, first, out);
        }
        return fields(head, first, true, out);
    }

    private void protocol(byte[] head, int first, HeaderBlock out) {
        for (int line = first; head[line] != '\r'; line = lineEnd + 2) {
            measure(head, line);
            if (named(head, line, "upgrade:")) {
                int from = line + 8;
                while (isBlank(head[from])) {
                    from++;
                }
                out.integer(PLAIN, 4, 0);
                out.name(PROTOCOL, 0, PROTOCOL.length);
                out.string(head, from, lineEnd - from);
                return;
            }
        }
    }

    private static int space(byte[] head, int from) {
        int at = from;
        while (head[at] != ' ') {
            at++;
        }
        return at;
    }

    private static void method(byte[] head, int from, int to, HeaderBlock out) {
        int size = to - from;
        if (size == 3 && head[from] == 'G' && head[from + 1] == 'E' && head[from + 2] == 'T') {
            out.put(INDEXED | StaticTable.METHOD_GET);
        } else if (size == 4
                && head[from] == 'P'
                && head[from + 1] == 'O'
                && head[from + 2] == 'S'
                && head[from + 3] == 'T') {
            out.put(INDEXED | StaticTable.METHOD_POST);
        } else {
            out.integer(PLAIN, 4, StaticTable.METHOD);
            out.string(head, from, size);
        }
    }

    /** A target begins with a slash, which no field line does: they share the table. */
    private void target(byte[] head, int from, int to, HeaderBlock out) {
        if (to - from == 1 && head[from] == '/') {
            out.put(INDEXED | StaticTable.PATH_ROOT);
            return;
        }
        int h = 0;
        for (int i = from; i < to; i++) {
            h = h * 31 + head[i];
        }
        hash = mixed(h * MIX);
        int entry = find(head, from, to);
        if (entry >= 0) {
            out.integer(INDEXED, 7, StaticTable.SIZE + table.added() - entry);
            return;
        }
        boolean indexing = again() && add(head, from, to, 5 + to - from);
        if (indexing) {
            out.integer(INDEXING, 6, StaticTable.PATH);
        } else {
            out.integer(PLAIN, 4, StaticTable.PATH);
        }
        out.string(head, from, to - from);
    }

    /** Lines that end with an empty one: trailers. */
    public int trailers(byte[] lines, int from, HeaderBlock out) {
        begin(out);
        return fields(lines, from, false, out);
    }

    private int fields(byte[] head, int from, boolean request, HeaderBlock out) {
        int line = from;
        while (head[line] != '\r') {
            measure(head, line);
            line(head, line, request, 0, out);
            line = lineEnd + 2;
        }
        return line + 2;
    }

    /**
     * The line measured last.
     *
     * @param as the name it gets, by its place in the static table; 0: its own
     */
    private void line(byte[] head, int from, boolean request, int as, HeaderBlock out) {
        if (!(request && isHost(head, from)) && !(connects && isKey(head, from))) {
            int entry = find(head, from, lineEnd);
            if (entry >= 0) {
                out.integer(INDEXED, 7, StaticTable.SIZE + table.added() - entry);
                return;
            }
            literal(head, from, request, as, out);
        }
    }

    private void literal(byte[] head, int from, boolean request, int as, HeaderBlock out) {
        int end = lineEnd;
        int colon = from;
        while (head[colon] != ':') {
            colon++;
        }
        int fate = fate(head, from, colon, request);
        if (fate == LEFT_OUT) {
            return;
        }
        int valueFrom = colon + 1;
        int valueTo = end;
        while (valueFrom < valueTo && isBlank(head[valueFrom])) {
            valueFrom++;
        }
        while (valueTo > valueFrom && isBlank(head[valueTo - 1])) {
            valueTo--;
        }
        int name = as > 0 ? as : StaticTable.find(head, from, colon);
        int size = (as > 0 ? 10 : colon - from) + valueTo - valueFrom;
        if (fate == SECRET) {
            out.integer(NEVER, 4, name);
        } else if (again() && add(head, from, end, size)) {
            out.integer(INDEXING, 6, name);
        } else {
            out.integer(PLAIN, 4, name);
        }
        if (name == 0) {
            out.name(head, from, colon - from);
        }
        out.string(head, valueFrom, valueTo - valueFrom);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Finds a line's end and its hash, a word at a time: CR stands nowhere else in a valid head. */
    private void measure(byte[] head, int from) {
        long h = 0;
        int i = from;
        for (; i + 8 <= head.length; i += 8) {
            long word = (long) WORD.get(head, i);
            long difference = word ^ RETURNS;
            long found = (difference - ONES) & ~difference & HIGHS;
            if (found != 0) {
                int bytes = Long.numberOfTrailingZeros(found) >>> 3;
                lineEnd = i + bytes;
                long rest = bytes == 0 ? 0 : word & -1L >>> 64 - 8 * bytes;
                hash = mixed((h ^ rest) * MIX + bytes);
                return;
            }
            h = Long.rotateLeft((h ^ word) * MIX, 29);
        }
        long rest = 0;
        int bytes = 0;
        for (; head[i + bytes] != '\r'; bytes++) {
            rest |= (head[i + bytes] & 0xffL) << 8 * bytes;
        }
        lineEnd = i + bytes;
        hash = mixed((h ^ rest) * MIX + bytes);
    }

    private static int mixed(long h) {
        return (int) (h ^ h >>> 32) | 1; // 0 means nothing was seen
    }

    private int find(byte[] head, int from, int to) {
        if (mapped.length == 0) {
            return -1;
        }
        for (int way = 0; way < WAYS; way++) {
            int entry = mapped[hash + way * 2 >>> 1 & MAPPED - 1];
            if (table.holds(entry)
                    && table.note(entry) == hash
                    && Arrays.equals(
                            table.bytes(), table.start(entry), table.end(entry), head, from, to)) {
                return entry;
            }
        }
        return -1;
    }

    /** Whether this hash was seen not long ago; from now on it was. */
    private boolean again() {
        int slot = hash >>> 8 & SEEN - 1;
        boolean before = seen[slot] == hash;
        seen[slot] = hash;
        return before;
    }

    /** Enters a line; blanks beyond the usual one are not worth their room. */
    private boolean add(byte[] head, int from, int to, int size) {
        int charge = size + HeaderTable.ENTRY_OVERHEAD;
        if (charge > table.limit() / 2 || to - from > charge) {
            return false;
        }
        if (mapped.length == 0) {
            mapped = new int[MAPPED];
            Arrays.fill(mapped, -1);
        }
        table.add(head, from, to, 0, charge, hash);
        int entry = table.added() - 1;
        int place = hash >>> 1 & MAPPED - 1;
        int oldest = place;
        for (int way = 0; way < WAYS; way++) {
            int at = place + way & MAPPED - 1;
            if (!table.holds(mapped[at])) {
                mapped[at] = entry;
                return true;
            }
            if (mapped[at] < mapped[oldest]) {
                oldest = at;
            }
        }
        mapped[oldest] = entry;
        return true;
    }

    private static boolean isHost(byte[] head, int from) {
        return (head[from] | 32) == 'h' && head[from + 4] == ':' && named(head, from, "host");
    }

    private static boolean isKey(byte[] head, int from) {
        return (head[from] | 32) == 's' && named(head, from, "sec-websocket-key:");
    }

    private static boolean named(byte[] head, int from, String lower) {
        for (int i = 0; i < lower.length(); i++) {
            if ((head[from + i] | 32) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int fate(byte[] head, int from, int to, boolean request) {
        return switch (to - from) {
            case 2 -> named(head, from, "te") && !request ? LEFT_OUT : PASSES;
            case 6 -> request && named(head, from, "cookie") ? SECRET : PASSES;
            case 7 -> named(head, from, "upgrade") ? LEFT_OUT : PASSES;
            case 10 ->
                    named(head, from, "connection") || named(head, from, "keep-alive")
                            ? LEFT_OUT
                            : named(head, from, "set-cookie") ? SECRET : PASSES;
            case 13 -> request && named(head, from, "authorization") ? SECRET : PASSES;
            case 16 -> named(head, from, "proxy-connection") ? LEFT_OUT : PASSES;
            case 17 -> named(head, from, "transfer-encoding") ? LEFT_OUT : PASSES;
            case 19 -> request && named(head, from, "proxy-authorization") ? SECRET : PASSES;
            // answers a handshake that HTTP/2 has not (RFC 8441 5)
            case 20 -> !request && named(head, from, "sec-websocket-accept") ? LEFT_OUT : PASSES;
            default -> PASSES;
        };
    }
}
