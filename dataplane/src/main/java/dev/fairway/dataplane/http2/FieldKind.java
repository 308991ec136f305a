package dev.fairway.dataplane.http2;

import dev.fairway.dataplane.http1.Ascii;
import dev.fairway.dataplane.http1.FieldName;

/**
 * What a field is, found out once and kept with its table entry: from 0 on, the ordinal of a {@link
 * FieldName}; below, a pseudo-header or what makes its message malformed (RFC 9113 8.2 and 8.3, attack
 * ledger C11). Pure.
 */
final class FieldKind {
    static final int METHOD = -1;
    static final int SCHEME = -2;
    static final int AUTHORITY = -3;
    static final int PATH = -4;
    static final int PROTOCOL = -5;
    static final int STATUS = -6;
    static final int MALFORMED = -7;

    private FieldKind() {}

    /** Of the rendered line {@code [from, to)}, CR LF included, whose name is so long. */
    static int of(byte[] line, int from, int nameLength, int to) {
        int nameEnd = from + nameLength;
        int kind = ofName(line, from, nameEnd);
        return kind != MALFORMED && isValue(line, nameEnd + 2, to - 2)
                ? ofField(kind, line, nameEnd + 2, to - 2)
                : MALFORMED;
    }

    private static int ofName(byte[] line, int from, int to) {
        if (from < to && line[from] == ':') {
            return pseudo(line, from, to);
        }
        for (int i = from; i < to; i++) {
            int lower = Ascii.token(line[i]);
            if (lower == 0 || lower != line[i]) {
                return MALFORMED;
            }
        }
        return from == to ? MALFORMED : FieldName.of(line, from, to).ordinal();
    }

    private static int pseudo(byte[] line, int from, int to) {
        return switch (to - from) {
            case 5 -> is(line, from, ":path") ? PATH : MALFORMED;
            case 7 ->
                    is(line, from, ":method")
                            ? METHOD
                            : is(line, from, ":scheme")
                                    ? SCHEME
                                    : is(line, from, ":status") ? STATUS : MALFORMED;
            case 9 -> is(line, from, ":protocol") ? PROTOCOL : MALFORMED;
            case 10 -> is(line, from, ":authority") ? AUTHORITY : MALFORMED;
            default -> MALFORMED;
        };
    }

    private static boolean is(byte[] line, int from, String name) {
        for (int i = 0; i < name.length(); i++) {
            if (line[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Neither begins nor ends with a blank, holds no control but HTAB (RFC 9113 8.2.1). */
    private static boolean isValue(byte[] line, int from, int to) {
        if (from == to) {
            return true;
        }
        if (isBlank(line[from]) || isBlank(line[to - 1])) {
            return false;
        }
        int control = Ascii.control(line, from, to);
        while (control < to && line[control] == '\t') {
            control = Ascii.control(line, control + 1, to);
        }
        return control == to;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Fields that are a connection's own have no place in HTTP/2 (RFC 9113 8.2.2). */
    private static int ofField(int kind, byte[] line, int valueFrom, int valueTo) {
        if (kind < 0) {
            return kind;
        }
        return switch (FieldName.at(kind)) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TRANSFER_ENCODING, UPGRADE -> MALFORMED;
            case TE ->
                    valueTo - valueFrom == 8 && is(line, valueFrom, "trailers") ? kind : MALFORMED;
            default -> kind;
        };
    }
}
