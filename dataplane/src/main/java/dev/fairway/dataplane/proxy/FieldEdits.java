package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.Ascii;
import dev.fairway.dataplane.http1.Head;
import dev.fairway.dataplane.http1.HeadWriter;
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

    private final List<Header> fields = new ArrayList<>(4);
    private final List<String> replaced = new ArrayList<>(4);

    void set(String name, String value) {
        check(name, value);
        drop(name.toLowerCase(Locale.ROOT));
        fields.add(new Header(name, value));
    }

    void add(String name, String value) {
        check(name, value);
        fields.add(new Header(name, value));
    }

    void drop(String lowerCaseName) {
        fields.removeIf(field -> field.name().equalsIgnoreCase(lowerCaseName));
        if (!replaced.contains(lowerCaseName)) {
            replaced.add(lowerCaseName);
        }
    }

    boolean isEmpty() {
        return fields.isEmpty() && replaced.isEmpty();
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
        for (int i = 0; i < fields.size(); i++) {
            out.field(fields.get(i).name(), fields.get(i).value());
        }
    }

    private static void check(String name, String value) {
        if (!Ascii.isToken(name) || !Ascii.isFieldValue(value)) {
            throw new IllegalArgumentException("not a header field: " + name);
        }
        switch (name.toLowerCase(Locale.ROOT)) {
            case "connection", "transfer-encoding", "content-length", "upgrade", "keep-alive" ->
                    throw new IllegalArgumentException("framing is the engine's: " + name);
            default -> {}
        }
    }
}
