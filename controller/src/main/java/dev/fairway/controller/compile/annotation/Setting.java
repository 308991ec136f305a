package dev.fairway.controller.compile.annotation;

import java.util.List;
import java.util.Optional;

/**
 * Something an annotation can say: its names, its grammar, where its default comes from, and what a
 * bad value costs. One schema for the parser, the error text and the vocabulary.
 *
 * @param names after ingress-nginx's prefix; the first that is there counts
 * @param configKeys ConfigMap keys that set the default; the first that is there counts
 * @param twin the stricter form after {@code fairway.dev/}, which wins
 * @param guard on the security list: what can't be honoured closes the routes instead of falling
 *     back to the default
 */
public record Setting<T>(
        List<String> names,
        Grammar<T> grammar,
        List<String> configKeys,
        Optional<Twin<T>> twin,
        boolean guard) {

    /** A name after {@code fairway.dev/} with its own grammar. */
    public record Twin<T>(String name, Grammar<T> grammar) {}

    public Setting {
        names = List.copyOf(names);
        configKeys = List.copyOf(configKeys);
    }

    public static <T> Setting<T> of(String name, Grammar<T> grammar) {
        return new Setting<>(List.of(name), grammar, List.of(), Optional.empty(), false);
    }

    /** Only after {@code fairway.dev/}. */
    public static <T> Setting<T> own(String name, Grammar<T> grammar) {
        return new Setting<>(
                List.of(), grammar, List.of(), Optional.of(new Twin<>(name, grammar)), false);
    }

    /** Only in the ConfigMap. */
    public static <T> Setting<T> config(String key, Grammar<T> grammar) {
        return new Setting<>(List.of(), grammar, List.of(key), Optional.empty(), false);
    }

    public Setting<T> alias(String other) {
        return new Setting<>(List.of(names.getFirst(), other), grammar, configKeys, twin, guard);
    }

    /** The ConfigMap key with this name sets the default. */
    public Setting<T> withConfig(String key) {
        return new Setting<>(names, grammar, List.of(key), twin, guard);
    }

    public Setting<T> withTwin(String name, Grammar<T> strict) {
        return new Setting<>(
                names, grammar, configKeys, Optional.of(new Twin<>(name, strict)), guard);
    }

    public Setting<T> guarding() {
        return new Setting<>(names, grammar, configKeys, twin, true);
    }
}
