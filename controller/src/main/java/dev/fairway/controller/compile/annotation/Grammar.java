package dev.fairway.controller.compile.annotation;

import java.util.Optional;
import java.util.function.Function;

/**
 * How a value is written. Whole strings only; a value with control characters is never well formed.
 *
 * @param expects completes "expected …" in the user's error text
 * @param reader absent when the text is malformed; must not throw
 */
public record Grammar<T>(String expects, Function<String, Optional<T>> reader) {

    public Optional<T> read(String value) {
        String text = value.strip();
        boolean clean = text.chars().noneMatch(c -> c < ' ' || c == 0x7f);
        return clean ? reader.apply(text) : Optional.empty();
    }
}
