package dev.fairway.controller.compile.annotation;

import dev.fairway.controller.compile.Printable;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A Secret's values as text. {@code stringData} counts too: in a folder no API server has merged it.
 */
public final class SecretValues {
    private final Map<String, String> data;
    private final Map<String, String> plain;

    public SecretValues(Secret secret) {
        data = Optional.ofNullable(secret.getData()).orElse(Map.of());
        plain = Optional.ofNullable(secret.getStringData()).orElse(Map.of());
    }

    public SortedSet<String> keys() {
        TreeSet<String> keys = new TreeSet<>(data.keySet());
        keys.addAll(plain.keySet());
        return keys;
    }

    /** Absent when there is no such key, or its value is not Base64. */
    public Optional<String> text(String key) {
        String written = plain.get(key);
        if (written != null) {
            return Optional.of(written);
        }
        String encoded = data.get(key);
        if (encoded == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The Secret an annotation names: only ever one of the Ingress's own namespace. What can't be
     * had closes the routes.
     */
    static Optional<Secret> named(Location location, Setting<?> setting, String reference) {
        return named(location.annotations(), location.place().namespace(), setting, reference);
    }

    static Optional<Secret> named(
            Annotations annotations, String namespace, Setting<?> setting, String reference) {
        int slash = reference.indexOf('/');
        if (slash >= 0 && !reference.substring(0, slash).equals(namespace)) {
            annotations.refuse(
                    setting, "names a Secret of another namespace, which is not allowed");
            return Optional.empty();
        }
        String name = reference.substring(slash + 1);
        Optional<Secret> secret = annotations.around().secret(namespace, name);
        if (secret.isEmpty()) {
            annotations.refuse(
                    setting,
                    "names the Secret " + Printable.quoted(name) + ", which doesn't exist");
        }
        return secret;
    }
}
