package dev.fairway.echo;

import dev.fairway.echo.Request.Header;
import java.util.List;

/** One flat JSON object, a field a line so that it reads well under curl. */
final class Json {
    private final StringBuilder text = new StringBuilder("{");

    Json field(String name, String value) {
        return key(name).quoted(value);
    }

    Json field(String name, long value) {
        key(name).text.append(value);
        return this;
    }

    /** Name and value pairs as an array, because order and repetition matter. */
    Json pairs(String name, List<Header> pairs) {
        key(name).text.append('[');
        var separator = "";
        for (var pair : pairs) {
            text.append(separator).append("\n    [");
            quoted(pair.name()).text.append(", ");
            quoted(pair.value()).text.append(']');
            separator = ",";
        }
        text.append(']');
        return this;
    }

    String end() {
        return text.append("\n}\n").toString();
    }

    private Json key(String name) {
        text.append(text.length() > 1 ? ",\n  " : "\n  ");
        quoted(name).text.append(": ");
        return this;
    }

    private Json quoted(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
        return this;
    }
}
