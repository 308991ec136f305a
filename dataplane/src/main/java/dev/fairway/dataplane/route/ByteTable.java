package dev.fairway.dataplane.route;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash table from byte strings to values, asked by spans and without allocation. Hashes
 * can be extended byte by byte ({@link #extend}), so that one pass over a path asks for all of its
 * prefixes; open addressing at half load keeps a miss at about one probe.
 *
 * @param <V> the values
 */
final class ByteTable<V> {
    static final int EMPTY_HASH = 0x811c9dc5;

    private final byte[] @Nullable [] keys;
    private final @Nullable Object[] values;
    private final int mask;
    private final int longest;

    ByteTable(Map<String, V> entries) {
        int capacity = Integer.highestOneBit(Math.max(1, entries.size()) * 2 - 1) * 2;
        keys = new byte[capacity][];
        values = new Object[capacity];
        mask = capacity - 1;
        int max = -1;
        for (Map.Entry<String, V> entry : entries.entrySet()) {
            byte[] key = entry.getKey().getBytes(StandardCharsets.UTF_8);
            int slot = slot(hash(key, 0, key.length));
            while (keys[slot] != null) {
                slot = (slot + 1) & mask;
            }
            keys[slot] = key;
            values[slot] = entry.getValue();
            max = Math.max(max, key.length);
        }
        longest = max;
    }

    /** The length of the longest key; -1 when there is none. */
    int longest() {
        return longest;
    }

    @Nullable V get(byte[] bytes, int from, int to) {
        return to - from > longest ? null : get(bytes, from, to, hash(bytes, from, to));
    }

    /**
     * @param hash {@link #extend} over the span, from {@link #EMPTY_HASH}
     */
    @SuppressWarnings("unchecked")
    @Nullable V get(byte[] bytes, int from, int to, int hash) {
        for (int slot = slot(hash); ; slot = (slot + 1) & mask) {
            byte[] key = keys[slot];
            if (key == null) {
                return null;
            }
            if (Arrays.equals(key, 0, key.length, bytes, from, to)) {
                return (V) values[slot];
            }
        }
    }

    static int extend(int hash, byte next) {
        return (hash ^ next) * 0x01000193;
    }

    private static int hash(byte[] bytes, int from, int to) {
        int hash = EMPTY_HASH;
        for (int i = from; i < to; i++) {
            hash = extend(hash, bytes[i]);
        }
        return hash;
    }

    private int slot(int hash) {
        int mixed = (hash ^ (hash >>> 16)) * 0x7feb352d;
        return (mixed ^ (mixed >>> 15)) & mask;
    }
}
