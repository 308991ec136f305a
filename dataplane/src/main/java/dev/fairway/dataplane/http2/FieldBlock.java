package dev.fairway.dataplane.http2;

import dev.fairway.dataplane.http1.Ascii;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.Head;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One message's fields on their way from a header block into a {@link Head}, in the shape HTTP/1 would
 * have given them: pseudo-headers first, as bare values, then one rendered line per field, cookie crumbs
 * joined into one. What makes a message malformed is found on the way (RFC 9113 8.2 and 8.3), and its
 * size is bounded as it grows, in lines and in bytes with a charge for each line, crumbs too (attack
 * ledger C4, C5). Beyond a bound nothing more is kept.
 *
 * <p>Reused for one block after another: one per event loop is enough; owned by it.
 */
public final class FieldBlock {
    /** RFC 7541 4.1: what a field costs whoever keeps it. */
    private static final int OVERHEAD = 32;

    private static final int LINE_KEPT = 16 * 1024;
    private static final byte[] GET = {'G', 'E', 'T'};
    private static final int COOKIE = FieldName.COOKIE.ordinal();

    /** Which pseudo-headers belong there. */
    public enum Part {
        REQUEST,
        RESPONSE,
        /** None. */
        TRAILERS
    }

    private Part part = Part.TRAILERS;
    private @Nullable Head head;
    private HeadLimits limits = new HeadLimits(0, 0, 0);
    private int lines;
    private int charged;
    private boolean fieldsBegun;
    private int cookie;
    private @Nullable Fault fault;

    /** By negated {@link FieldKind}: where a pseudo-header's value is in the head; -1: absent. */
    private final int[] from = new int[7];

    private final int[] to = new int[7];

    /** A literal field's line in the making. */
    private byte[] line = new byte[512];

    /**
     * Begins a message.
     *
     * @param into an empty head; null: the fields are checked and thrown away
     * @param by the longest field, the bytes of all with their charge, and how many but pseudo-headers
     */
    public void begin(Part of, @Nullable Head into, HeadLimits by) {
        part = of;
        head = into;
        limits = by;
        lines = 0;
        charged = 0;
        fieldsBegun = false;
        cookie = -1;
        fault = null;
        Arrays.fill(from, -1);
        if (line.length > LINE_KEPT) {
            line = new byte[512];
        }
    }

    byte[] line() {
        return line;
    }

    /** The line with room for {@code size} bytes, of which so many are to be kept. */
    byte[] line(int size, int kept) {
        if (line.length < size) {
            byte[] larger = new byte[Math.max(size, line.length * 2)];
            System.arraycopy(line, 0, larger, 0, kept);
            line = larger;
        }
        return line;
    }

    /** Takes one field, rendered, CR LF included. */
    void field(byte[] bytes, int start, int end, int nameLength, int kind) {
        if (kind >= 0) {
            lines++;
            fieldsBegun = true;
        }
        charged += end - start - 4 + OVERHEAD;
        if (charged > limits.headBytes() || lines > limits.fields()) {
            fault(charged > limits.headBytes() ? Fault.HEAD_TOO_LARGE : Fault.TOO_MANY_FIELDS);
            charged = limits.headBytes(); // beyond counting
        } else if (end - start - 2 > limits.lineBytes()) {
            fault(kind == FieldKind.PATH ? Fault.LINE_TOO_LONG : Fault.FIELD_TOO_LONG);
        } else if (kind < 0) {
            pseudo(bytes, start + nameLength + 2, end - 2, kind);
        } else if (fault == null && head != null) {
            keep(head, bytes, start, end, nameLength, kind);
        }
    }

    /** The first one counts, but that a malformed message is no message at all. */
    private void fault(Fault found) {
        if (fault == null || found == Fault.MALFORMED) {
            fault = found;
        }
    }

    private void keep(Head into, byte[] bytes, int start, int end, int nameLength, int kind) {
        if (kind == COOKIE && part == Part.REQUEST) {
            if (cookie >= 0) {
                into.extend(cookie, bytes, start + nameLength + 2, end - 2);
                return;
            }
            cookie = into.count();
        }
        into.line(bytes, start, end, nameLength, FieldName.at(kind));
    }

    private void pseudo(byte[] bytes, int valueFrom, int valueTo, int kind) {
        boolean belongs =
                switch (part) {
                    case REQUEST -> kind >= FieldKind.PROTOCOL;
                    case RESPONSE -> kind == FieldKind.STATUS;
                    case TRAILERS -> false;
                };
        if (!belongs || fieldsBegun || from[-kind] >= 0) {
            fault(Fault.MALFORMED);
        } else if (fault == null && head != null) {
            from[-kind] = head.part(bytes, valueFrom, valueTo);
            to[-kind] = head.length();
            if (kind == FieldKind.PROTOCOL) {
                head.part(GET, 0, GET.length); // the method HTTP/1 has for it, right behind
            }
        }
    }

    /** What is wrong with the fields so far; of the first call of {@link #request} or the like too. */
    public @Nullable Fault fault() {
        return fault;
    }

    private boolean has(int kind) {
        return from[-kind] >= 0;
    }

    /** Ends trailers. */
    public @Nullable Fault trailers() {
        Head into = head;
        if (into != null) {
            into.end();
        }
        return fault;
    }

    /**
     * Ends a response.
     *
     * @return its status; -1: malformed or too large, as {@link #fault} says
     */
    public int response() {
        Head into = head;
        int status = -1;
        if (into != null && fault == null && has(FieldKind.STATUS)) {
            int at = from[-FieldKind.STATUS];
            status = to[-FieldKind.STATUS] - at == 3 ? status(into.bytes(), at) : -1;
            into.end();
        }
        if (status < 0) {
            fault(Fault.MALFORMED);
        }
        return status;
    }

    private static int status(byte[] b, int at) {
        boolean digits = b[at] >= '1' && b[at] <= '5' && isDigit(b[at + 1]) && isDigit(b[at + 2]);
        return digits ? (b[at] - '0') * 100 + (b[at + 1] - '0') * 10 + b[at + 2] - '0' : -1;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /**
     * Ends a request and tells {@code into}, the head it was begun with, where its parts are. An extended
     * CONNECT (RFC 8441) becomes the GET with an Upgrade that HTTP/1 has for it.
     *
     * @param key of the handshake, which HTTP/2 has no field for; asked for when needed
     * @return {@link Fault#MALFORMED}: no request at all, a stream error; others: answered
     */
    public @Nullable Fault request(RequestHead into, Supplier<String> key) {
        if (fault == null && !wellFormed(into)) {
            fault(Fault.MALFORMED);
        }
        if (fault != null) {
            return fault;
        }
        boolean tunnel = has(FieldKind.PROTOCOL);
        if (tunnel && !is(into, FieldKind.PROTOCOL, "websocket")) {
            return Fault.UNKNOWN_PROTOCOL;
        }
        if (!has(FieldKind.PATH)) {
            return Fault.METHOD_REFUSED; // a plain CONNECT
        }
        int methodFrom = from[-FieldKind.METHOD];
        int methodTo = to[-FieldKind.METHOD];
        if (methodTo - methodFrom > RequestHead.MAX_METHOD) {
            return Fault.METHOD_TOO_LONG;
        }
        if (tunnel) {
            upgrade(into, key.get());
            methodFrom = to[-FieldKind.PROTOCOL];
            methodTo = methodFrom + GET.length;
        }
        into.end();
        into.received(
                methodFrom,
                methodTo,
                from[-FieldKind.PATH],
                to[-FieldKind.PATH],
                Math.max(0, from[-FieldKind.AUTHORITY]),
                has(FieldKind.AUTHORITY) ? to[-FieldKind.AUTHORITY] : 0,
                tunnel);
        return null;
    }

    /** The fields that HTTP/1 has for it; the client's own key means nothing here (RFC 8441 5). */
    private static void upgrade(RequestHead into, String key) {
        line(into, "upgrade", "websocket", FieldName.UPGRADE);
        if (into.header("sec-websocket-key") == null) {
            line(into, "sec-websocket-key", key, FieldName.OTHER);
        }
    }

    private static void line(RequestHead into, String name, String value, FieldName as) {
        byte[] bytes = (name + ": " + value + "\r\n").getBytes(StandardCharsets.US_ASCII);
        into.line(bytes, 0, bytes.length, name.length(), as);
    }

    /** RFC 9113 8.3.1 and 8.5, RFC 8441 4. */
    private boolean wellFormed(RequestHead into) {
        if (!has(FieldKind.METHOD)
                || !Ascii.isToken(into.bytes(), from[-FieldKind.METHOD], to[-FieldKind.METHOD])) {
            return false;
        }
        boolean connect = is(into, FieldKind.METHOD, "CONNECT");
        if (connect && !has(FieldKind.PROTOCOL)) {
            return has(FieldKind.AUTHORITY) && !has(FieldKind.SCHEME) && !has(FieldKind.PATH);
        }
        boolean scheme =
                has(FieldKind.SCHEME)
                        && (is(into, FieldKind.SCHEME, "https")
                                || is(into, FieldKind.SCHEME, "http"));
        boolean protocol =
                !has(FieldKind.PROTOCOL)
                        || (connect
                                && has(FieldKind.AUTHORITY)
                                && Ascii.isToken(
                                        into.bytes(),
                                        from[-FieldKind.PROTOCOL],
                                        to[-FieldKind.PROTOCOL]));
        return scheme && protocol && path(into) && authority(into);
    }

    /** In origin form, or the asterisk of OPTIONS; no fragment, no blank. */
    private boolean path(RequestHead into) {
        int start = from[-FieldKind.PATH];
        int end = to[-FieldKind.PATH];
        if (start < 0 || start == end) {
            return false;
        }
        byte[] b = into.bytes();
        if (b[start] != '/') {
            return end == start + 1 && b[start] == '*' && is(into, FieldKind.METHOD, "OPTIONS");
        }
        for (int i = start; i < end; i++) {
            if (b[i] == ' ' || b[i] == '\t' || b[i] == '#') {
                return false;
            }
        }
        return true;
    }

    /** Host, where it comes too, says the same (attack ledger C12). */
    private boolean authority(RequestHead into) {
        int start = from[-FieldKind.AUTHORITY];
        int end = to[-FieldKind.AUTHORITY];
        if (start < 0) {
            return true;
        }
        int host = into.find(FieldName.HOST);
        if (start == end || host < 0) {
            return start < end;
        }
        int hostFrom = into.valueStart(host);
        byte[] b = into.bytes();
        boolean same = into.valueEnd(host) - hostFrom == end - start;
        for (int i = 0; same && i < end - start; i++) {
            same = StaticTable.lower(b[start + i]) == StaticTable.lower(b[hostFrom + i]);
        }
        return same;
    }

    private boolean is(Head into, int kind, String text) {
        int start = from[-kind];
        if (to[-kind] - start != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (into.bytes()[start + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
