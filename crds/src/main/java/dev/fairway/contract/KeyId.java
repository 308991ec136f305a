package dev.fairway.contract;

/**
 * Names a piece of key material; stable across rotation. Forms: {@code tls/NAMESPACE/NAME}, {@code
 * users/NAMESPACE/NAME}, {@code upstream/NAMESPACE/NAME}, {@code client-ca/NAMESPACE/NAME}, {@code
 * seed/NAME}, {@code default-certificate}.
 */
public record KeyId(String value) implements Comparable<KeyId> {
    public KeyId {
        Valid.name(value, "key id");
    }

    @Override
    public int compareTo(KeyId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
