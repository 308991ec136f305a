package dev.fairway.dataplane.observe;

import org.jspecify.annotations.Nullable;

/**
 * Writes JSON (RFC 8259) that nobody can break out of: everything but printable ASCII is escaped,
 * U+2028, ESC and DEL too, and long values are cut.
 */
final class JsonText {
    private static final int LONGEST = 4_096;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final StringBuilder out;
    private boolean first = true;

    JsonText(StringBuilder out) {
        this.out = out;
    }

    JsonText open() {
        separate();
        out.append('{');
        first = true;
        return this;
    }

    JsonText open(String name) {
        name(name);
        out.append('{');
        first = true;
        return this;
    }

    JsonText close() {
        out.append('}');
        first = false;
        return this;
    }

    JsonText openList(String name) {
        name(name);
        out.append('[');
        first = true;
        return this;
    }

    JsonText closeList() {
        out.append(']');
        first = false;
        return this;
    }

    /** Null and empty values are left out. */
    JsonText text(String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            name(name);
            quoted(value);
        }
        return this;
    }

    JsonText number(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    JsonText truth(String name, boolean value) {
        name(name);
        out.append(value);
        return this;
    }

    /** To the microsecond. */
    JsonText seconds(String name, long nanos) {
        name(name);
        long micros = Math.max(0, nanos) / 1_000;
        String rest = Long.toString(1_000_000 + micros % 1_000_000);
        out.append(micros / 1_000_000).append('.').append(rest, 1, rest.length());
        return this;
    }

    /** An element of a list. */
    JsonText element(String value) {
        separate();
        quoted(value);
        return this;
    }

    /** An element that is JSON already. */
    JsonText raw(String json) {
        separate();
        out.append(json);
        return this;
    }

    private void name(String name) {
        separate();
        quoted(name);
        out.append(':');
    }

    private void separate() {
        if (!first) {
            out.append(',');
        }
        first = false;
    }

    private void quoted(String value) {
        out.append('"');
        int end = Math.min(value.length(), LONGEST);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                out.append(c);
            } else {
                out.append("\\u").append(HEX[c >> 12]).append(HEX[c >> 8 & 15]);
                out.append(HEX[c >> 4 & 15]).append(HEX[c & 15]);
            }
        }
        out.append('"');
    }
}
