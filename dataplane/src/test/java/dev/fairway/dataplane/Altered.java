package dev.fairway.dataplane;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;

/** A record that is another one but for some components: settings and limits have many. */
public final class Altered {
    private Altered() {}

    /**
     * @param pathsAndValues in turn: a component's name, or where it stands in one that is a record itself
     *     ({@code "entry.lifetime"}), and its value
     */
    public static <R extends Record> R with(R usual, Object... pathsAndValues) {
        R altered = usual;
        for (int i = 0; i < pathsAndValues.length; i += 2) {
            altered = replaced(altered, (String) pathsAndValues[i], pathsAndValues[i + 1]);
        }
        return altered;
    }

    private static <R extends Record> R replaced(R in, String path, Object value) {
        int dot = path.indexOf('.');
        String name = dot < 0 ? path : path.substring(0, dot);
        RecordComponent[] components = in.getClass().getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        boolean found = false;
        try {
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                components[i].getAccessor().setAccessible(true);
                values[i] = components[i].getAccessor().invoke(in);
                if (components[i].getName().equals(name)) {
                    found = true;
                    values[i] =
                            dot < 0
                                    ? value
                                    : replaced((Record) values[i], path.substring(dot + 1), value);
                }
            }
            if (!found) {
                throw new IllegalArgumentException(in.getClass() + " has no " + name);
            }
            @SuppressWarnings("unchecked")
            Constructor<R> made = (Constructor<R>) in.getClass().getDeclaredConstructor(types);
            made.setAccessible(true);
            return made.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(path, e);
        }
    }
}
