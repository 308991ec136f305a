package dev.fairway.dataplane.message;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A field that is said again and again. Who writes it keeps here what it made of it the first time.
 * Any thread.
 */
public final class FixedHeader {
    private final Header header;
    private volatile @Nullable Object made;

    public FixedHeader(String name, String value) {
        this.header = new Header(name, value);
    }

    public Header header() {
        return header;
    }

    /**
     * What the writer makes of it, made once; of two threads both may make it.
     *
     * @param writer may throw: then nothing is kept
     */
    public <T> T made(Class<T> form, Function<Header, T> writer) {
        Object known = made;
        if (form.isInstance(known)) {
            return form.cast(known);
        }
        T fresh = writer.apply(header);
        made = fresh;
        return fresh;
    }
}
