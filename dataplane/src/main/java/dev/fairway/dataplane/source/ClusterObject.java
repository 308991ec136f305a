package dev.fairway.dataplane.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What we read of a Kubernetes object: of a ConfigMap or Secret one value, of a list its items, of a
 * Status its code. The rest is skipped as it streams by.
 *
 * @param kind empty in list items
 * @param resourceVersion empty where there is none
 * @param value {@code data[key]} as written; null when absent
 * @param code of a Status (such as 410), else 0
 * @param message of a Status, else empty
 * @param items of a list
 */
record ClusterObject(
        String kind,
        String resourceVersion,
        @Nullable String value,
        int code,
        String message,
        List<ClusterObject> items) {

    static final JsonFactory JSON = new JsonFactory();

    /** {@code ADDED}, {@code MODIFIED}, {@code DELETED}, {@code BOOKMARK} or {@code ERROR}. */
    record WatchEvent(String type, ClusterObject object) {}

    static ClusterObject parse(byte[] json, String key) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            return read(parser, key);
        }
    }

    /** Reads events one by one as they arrive; Jackson returns at an event's closing brace. */
    static JsonParser events(InputStream stream) throws IOException {
        return JSON.createParser(stream);
    }

    /** Null at the end of the stream. */
    static @Nullable WatchEvent next(JsonParser parser, String key) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            return null;
        }
        expect(first == JsonToken.START_OBJECT);
        String type = "";
        ClusterObject object = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "type" -> type = text(parser);
                case "object" -> object = read(parser, key);
                default -> parser.skipChildren();
            }
        }
        if (object == null) {
            throw new IOException("a watch event without an object");
        }
        return new WatchEvent(type, object);
    }

    /** The parser stands on the object's opening brace, and afterwards on its closing one. */
    private static ClusterObject read(JsonParser parser, String key) throws IOException {
        expect(parser.currentToken() == JsonToken.START_OBJECT);
        String kind = "";
        String version = "";
        String value = null;
        int code = 0;
        String message = "";
        List<ClusterObject> items = new ArrayList<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (field.equals("kind")) {
                kind = text(parser);
            } else if (field.equals("code") && token == JsonToken.VALUE_NUMBER_INT) {
                code = parser.getIntValue();
            } else if (field.equals("message")) {
                message = text(parser);
            } else if (field.equals("metadata") && token == JsonToken.START_OBJECT) {
                version = Objects.requireNonNullElse(field(parser, "resourceVersion"), "");
            } else if (field.equals("data") && token == JsonToken.START_OBJECT) {
                value = field(parser, key);
            } else if (field.equals("items") && token == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    items.add(read(parser, key));
                }
            } else {
                parser.skipChildren();
            }
        }
        return new ClusterObject(kind, version, value, code, message, List.copyOf(items));
    }

    private static @Nullable String field(JsonParser parser, String name) throws IOException {
        String found = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean wanted = parser.currentName().equals(name);
            if (parser.nextToken() == JsonToken.VALUE_STRING && wanted) {
                found = parser.getText();
            } else {
                parser.skipChildren();
            }
        }
        return found;
    }

    private static String text(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        parser.skipChildren();
        return "";
    }

    private static void expect(boolean holds) throws IOException {
        if (!holds) {
            throw new IOException("the API server's answer is no JSON object");
        }
    }
}
