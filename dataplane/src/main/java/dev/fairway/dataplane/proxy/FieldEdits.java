package dev.fairway.dataplane.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.fairway.dataplane.http1.Ascii;
import dev.fairway.dataplane.http1.Head;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.message.FixedHeader;
import dev.fairway.dataplane.message.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What policies change in the fields of a forwarded head. Checked when it is said, so that a bad value
 * fails its policy, not the writer. Owned by its exchange's loop; made when first needed.
 */
final class FieldEdits {
    static final FieldEdits NONE = new FieldEdits();

    private final List<Line> lines = new ArrayList<>(8);
    private final List<String> replaced = new ArrayList<>(8);

    /** A field that was checked, as it is written. */
    private record Line(String lowerCaseName, byte[] bytes) {
        static Line of(Header field) {
            return of(field.name(), field.value());
        }

        static Line of(String name, String value) {
            if (!Ascii.isToken(name) || !Ascii.isFieldValue(value)) {
                throw new IllegalArgumentException("not a header field: " + name);
            }
            String lowerCaseName = name.toLowerCase(Locale.ROOT);
            switch (lowerCaseName) {
                case "connection", "transfer-encoding", "content-length", "upgrade", "keep-alive" ->
                        throw new IllegalArgumentException("framing is the engine's: " + name);
                default -> {}
            }
            return new Line(lowerCaseName, (name + ": " + value + "\r\n").getBytes(ISO_8859_1));
        }
    }

    void set(String name, String value) {
        set(Line.of(name, value));
    }

    void set(FixedHeader field) {
        set(field.made(Line.class, Line::of));
    }

    private void set(Line line) {
        drop(line.lowerCaseName());
        lines.add(line);
    }

    void add(String name, String value) {
        lines.add(Line.of(name, value));
    }

    void drop(String lowerCaseName) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (lines.get(i).lowerCaseName().equals(lowerCaseName)) {
                lines.remove(i);
            }
        }
        if (!replaced.contains(lowerCaseName)) {
            replaced.add(lowerCaseName);
        }
    }

    boolean isEmpty() {
        return lines.isEmpty() && replaced.isEmpty();
    }

    /** Whether the received field {@code i} gives way. */
    boolean replaces(Head head, int i) {
        for (int k = 0; k < replaced.size(); k++) {
            if (head.nameIs(i, replaced.get(k))) {
                return true;
            }
        }
        return false;
    }

    boolean replaces(String lowerCaseName) {
        return replaced.contains(lowerCaseName);
    }

    void writeTo(HeadWriter out) {
        for (int i = 0; i < lines.size(); i++) {
            out.raw(lines.get(i).bytes());
        }
    }
}
