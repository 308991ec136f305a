package dev.fairway.contract.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How a type of the contract looks as JSON: derived from its components, so that a new record or
 * component needs no line here. Canonical: components in declared order, absent optionals and empty
 * lists left out, durations in milliseconds, a member of a sealed type led by its simple name under
 * {@code type}.
 */
sealed interface Shape
        permits RecordShape,
                Shape.Text,
                Shape.Whole,
                Shape.Truth,
                Shape.Millis,
                Shape.Constant,
                Shape.Elements,
                Shape.Maybe,
                Shape.OneOf {

    void write(Object value, JsonGenerator out) throws IOException;

    /** Reads the value that begins at the parser's current token. */
    Object read(JsonParser in) throws IOException;

    /** What a missing component becomes; null when it may not be missing. */
    default @org.jspecify.annotations.Nullable Object absent() {
        return null;
    }

    /** Whether the component is left out when it has this value. */
    default boolean omits(Object value) {
        return value.equals(absent());
    }

    Map<Type, Shape> KNOWN = new ConcurrentHashMap<>();

    static Shape of(Type type) {
        Shape known = KNOWN.get(type);
        if (known == null) {
            known = derive(type);
            KNOWN.put(type, known);
        }
        return known;
    }

    private static Shape derive(Type type) {
        if (type instanceof ParameterizedType generic) {
            Shape element = of(generic.getActualTypeArguments()[0]);
            if (generic.getRawType() == List.class) {
                return new Elements(element);
            }
            if (generic.getRawType() == Optional.class) {
                return new Maybe(element);
            }
        } else if (type instanceof Class<?> plain) {
            if (plain == String.class) {
                return new Text();
            }
            if (plain == int.class || plain == Integer.class) {
                return new Whole(Integer.MIN_VALUE, Integer.MAX_VALUE, true);
            }
            if (plain == long.class || plain == Long.class) {
                return new Whole(Long.MIN_VALUE, Long.MAX_VALUE, false);
            }
            if (plain == boolean.class || plain == Boolean.class) {
                return new Truth();
            }
            if (plain == Duration.class) {
                return new Millis();
            }
            if (plain.isEnum()) {
                return Constant.of(plain);
            }
            if (plain.isRecord()) {
                return RecordShape.of(plain);
            }
            if (plain.isSealed()) {
                return OneOf.of(plain);
            }
        }
        throw new IllegalStateException("no JSON shape for " + type);
    }

    static JsonToken expect(JsonParser in, JsonToken wanted) throws IOException {
        JsonToken token = in.currentToken();
        if (token != wanted) {
            throw new Refusal("expected " + wanted + " but found " + token);
        }
        return token;
    }

    record Text() implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeString((String) value);
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.VALUE_STRING);
            return in.getText();
        }
    }

    record Whole(long min, long max, boolean narrow) implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeNumber(((Number) value).longValue());
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.VALUE_NUMBER_INT);
            long value = in.getLongValue();
            if (value < min || value > max) {
                throw new Refusal("number out of range");
            }
            if (narrow) {
                return (int) value;
            }
            return value;
        }
    }

    record Truth() implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeBoolean((Boolean) value);
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            JsonToken token = in.currentToken();
            if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
                throw new Refusal("expected a boolean but found " + token);
            }
            return token == JsonToken.VALUE_TRUE;
        }
    }

    record Millis() implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeNumber(((Duration) value).toMillis());
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.VALUE_NUMBER_INT);
            return Duration.ofMillis(in.getLongValue());
        }
    }

    record Constant(Map<String, Object> byName) implements Shape {
        static Constant of(Class<?> type) {
            Map<String, Object> byName = new LinkedHashMap<>();
            for (Object constant : type.getEnumConstants()) {
                byName.put(((Enum<?>) constant).name(), constant);
            }
            return new Constant(byName);
        }

        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeString(((Enum<?>) value).name());
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.VALUE_STRING);
            Object constant = byName.get(in.getText());
            if (constant == null) {
                throw new Refusal("unknown constant");
            }
            return constant;
        }
    }

    record Elements(Shape element) implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            out.writeStartArray();
            for (Object item : (List<?>) value) {
                element.write(item, out);
            }
            out.writeEndArray();
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.START_ARRAY);
            List<Object> items = new ArrayList<>();
            while (in.nextToken() != JsonToken.END_ARRAY) {
                if (items.size() == Limits.LIST_ELEMENTS) {
                    throw new Refusal("more than " + Limits.LIST_ELEMENTS + " elements");
                }
                items.add(element.read(in));
            }
            return items;
        }

        @Override
        public Object absent() {
            return List.of();
        }
    }

    record Maybe(Shape element) implements Shape {
        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            element.write(((Optional<?>) value).orElseThrow(), out);
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            return Optional.of(element.read(in));
        }

        @Override
        public Object absent() {
            return Optional.empty();
        }
    }

    /** A sealed type: the members are its permitted records, however deep. */
    record OneOf(Map<String, RecordShape> members) implements Shape {
        static OneOf of(Class<?> root) {
            Map<String, RecordShape> members = new LinkedHashMap<>();
            collect(root, members);
            return new OneOf(members);
        }

        private static void collect(Class<?> type, Map<String, RecordShape> into) {
            for (Class<?> member : type.getPermittedSubclasses()) {
                if (member.isSealed()) {
                    collect(member, into);
                } else if (into.put(member.getSimpleName(), RecordShape.of(member)) != null) {
                    throw new IllegalStateException("two members named " + member);
                }
            }
        }

        @Override
        public void write(Object value, JsonGenerator out) throws IOException {
            String name = value.getClass().getSimpleName();
            RecordShape member = members.get(name);
            if (member == null) {
                throw new IllegalStateException("no member of the sealed type: " + name);
            }
            out.writeStartObject();
            out.writeStringField("type", name);
            member.writeComponents(value, out);
            out.writeEndObject();
        }

        @Override
        public Object read(JsonParser in) throws IOException {
            expect(in, JsonToken.START_OBJECT);
            if (in.nextToken() != JsonToken.FIELD_NAME || !in.currentName().equals("type")) {
                throw new Refusal("type must come first");
            }
            in.nextToken();
            expect(in, JsonToken.VALUE_STRING);
            RecordShape member = members.get(in.getText());
            if (member == null) {
                // Not skipped: an unknown policy could be a gate.
                throw new Refusal("unknown type");
            }
            return member.readComponents(in);
        }
    }
}
