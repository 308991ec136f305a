package dev.fairway.contract.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record as a JSON object. Unknown fields are skipped, but for those that {@linkplain #MUST must not
 * be}; a field given twice is refused.
 */
record RecordShape(Constructor<?> constructor, Component[] components, Map<String, Integer> index)
        implements Shape {

    /**
     * How the name of a field begins that a reader must know: one that keeps requests out, in a record
     * that readers knew before it.
     */
    private static final String MUST = "must";

    /** The shape is looked up when used: records may refer to each other. */
    record Component(String name, Method accessor, java.lang.reflect.Type type) {
        Shape shape() {
            return Shape.of(type);
        }
    }

    static RecordShape of(Class<?> type) {
        RecordComponent[] declared = type.getRecordComponents();
        Component[] components = new Component[declared.length];
        Map<String, Integer> index = new HashMap<>();
        for (int i = 0; i < declared.length; i++) {
            Method accessor = declared[i].getAccessor();
            accessor.setAccessible(true);
            components[i] =
                    new Component(declared[i].getName(), accessor, declared[i].getGenericType());
            index.put(declared[i].getName(), i);
        }
        Class<?>[] types =
                Arrays.stream(declared).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return new RecordShape(constructor, components, index);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void write(Object value, JsonGenerator out) throws IOException {
        out.writeStartObject();
        writeComponents(value, out);
        out.writeEndObject();
    }

    void writeComponents(Object value, JsonGenerator out) throws IOException {
        for (Component component : components) {
            Object part = read(component.accessor(), value);
            Shape shape = component.shape();
            if (!shape.omits(part)) {
                out.writeFieldName(component.name());
                shape.write(part, out);
            }
        }
    }

    @Override
    public Object read(JsonParser in) throws IOException {
        Shape.expect(in, JsonToken.START_OBJECT);
        return readComponents(in);
    }

    /** Reads the rest of an object whose start has been consumed. */
    Object readComponents(JsonParser in) throws IOException {
        @Nullable Object[] parts = new Object[components.length];
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            Integer at = index.get(name);
            in.nextToken();
            if (at == null && name.startsWith(MUST)) {
                throw new Refusal("an unknown field that must be known");
            } else if (at == null) {
                in.skipChildren();
            } else {
                parts[at] = part(components[at], in);
            }
        }
        Shape.expect(in, JsonToken.END_OBJECT);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i] == null) {
                parts[i] = components[i].shape().absent();
            }
            if (parts[i] == null) {
                throw new Refusal(components[i].name() + ": missing");
            }
        }
        return make(parts);
    }

    private static Object part(Component component, JsonParser in) throws IOException {
        try {
            return component.shape().read(in);
        } catch (Refusal e) {
            throw new Refusal(component.name() + ": " + e.getMessage(), e);
        }
    }

    private Object make(@Nullable Object[] parts) throws Refusal {
        try {
            return constructor.newInstance(parts);
        } catch (InvocationTargetException e) {
            String type = constructor.getDeclaringClass().getSimpleName();
            if (e.getCause() instanceof IllegalArgumentException invalid) {
                throw new Refusal(type + ": " + invalid.getMessage(), invalid);
            }
            throw new Refusal(type + ": cannot be made", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object read(Method accessor, Object value) {
        try {
            return accessor.invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordShape shape && shape.constructor.equals(constructor);
    }

    @Override
    public int hashCode() {
        return constructor.hashCode();
    }

    @Override
    public String toString() {
        return constructor.getDeclaringClass().getSimpleName();
    }
}
