package dev.fairway.dataplane.route;

import java.util.Arrays;

/**
 * A hash table from byte strings, each of some kind, to numbers: filled, then shared and never written
 * again; asked by spans and without allocation. Hashes can be extended byte by byte ({@link #extend}), so that one pass over a path asks
 * for all of its prefixes; open addressing at half load keeps a miss at about one probe. All of it lies in
 * two arrays: among many tables what a request costs are the cache lines it touches, and a miss touches
 * one, a hit two.
 */
final class ByteTable {
    /** Greater than every value. */
    static final int NONE = Integer.MAX_VALUE;

    static final int EMPTY_HASH = 0x811c9dc5;

    /** Of a slot: hash, where its key begins, {@link #form} (0: the slot is free), value. */
    private static final int SLOT = 4;

    private final int[] slots;
    private byte[] keys = {};
    private int used;

    /**
     * @param most as many keys will be added at most
     */
    ByteTable(int most) {
        slots = new int[Integer.highestOneBit(Math.max(1, most) * 2 - 1) * 2 * SLOT];
    }

    /**
     * The first value of a key and kind stands.
     *
     * @param kind 1 to 3
     */
    void add(int kind, byte[] key, int value) {
        int hash = hash(key, 0, key.length);
        if (get(kind, key, 0, key.length, hash) != NONE) {
            return;
        }
        int at = first(hash);
        while (slots[at + 2] != 0) {
            at = next(at);
        }
        if (used + key.length > keys.length) {
            keys = Arrays.copyOf(keys, Math.max(keys.length * 2, used + key.length));
        }
        System.arraycopy(key, 0, keys, used, key.length);
        slots[at] = hash;
        slots[at + 1] = used;
        slots[at + 2] = form(key.length, kind);
        slots[at + 3] = value;
        used += key.length;
    }

    /** {@link #NONE}: there is no such key of this kind. */
    int get(int kind, byte[] bytes, int from, int to) {
        return get(kind, bytes, from, to, hash(bytes, from, to));
    }

    /**
     * @param hash {@link #extend} over the span, from {@link #EMPTY_HASH}
     */
    int get(int kind, byte[] bytes, int from, int to, int hash) {
        int wanted = form(to - from, kind);
        for (int at = first(hash); ; at = next(at)) {
            int form = slots[at + 2];
            if (form == 0) {
                return NONE;
            }
            int start = slots[at + 1];
            if (form == wanted
                    && slots[at] == hash
                    && Arrays.equals(keys, start, start + to - from, bytes, from, to)) {
                return slots[at + 3];
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

    private static int form(int length, int kind) {
        return length << 2 | kind;
    }

    private int first(int hash) {
        int mixed = (hash ^ (hash >>> 16)) * 0x7feb352d;
        return (mixed ^ (mixed >>> 15)) * SLOT & (slots.length - 1);
    }

    private int next(int at) {
        return (at + SLOT) & (slots.length - 1);
    }
}
