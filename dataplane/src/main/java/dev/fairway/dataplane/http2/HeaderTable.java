package dev.fairway.dataplane.http2;

/**
 * One direction's dynamic table (RFC 7541 2.3.2). An entry is its rendered HTTP/1 line and four
 * numbers; lines stand one behind the other in one array, so that nothing is allocated per entry.
 * Entries are named by how many were added before them.
 *
 * <p>Owned by its connection's loop.
 */
final class HeaderTable {
    static final int ENTRY_OVERHEAD = 32;
    private static final int SLOTS = Http2.TABLE_BYTES / ENTRY_OVERHEAD;
    private static final int STRIDE = 5;
    private static final int INITIAL = 512;

    private byte[] bytes = new byte[0];

    /** Start, end, name length, charge, and what the owner notes. */
    private int[] entries = new int[0];

    private int write;
    private int added;
    private int count;
    private int size;
    private int limit = Http2.TABLE_BYTES;

    /** How many entries there are. */
    int count() {
        return count;
    }

    /** The name of the next entry; the newest one's is one less. */
    int added() {
        return added;
    }

    boolean holds(int entry) {
        return added - entry <= count && entry < added;
    }

    byte[] bytes() {
        return bytes;
    }

    int start(int entry) {
        return entries[at(entry)];
    }

    int end(int entry) {
        return entries[at(entry) + 1];
    }

    int nameLength(int entry) {
        return entries[at(entry) + 2];
    }

    int note(int entry) {
        return entries[at(entry) + 4];
    }

    private static int at(int entry) {
        return entry % SLOTS * STRIDE;
    }

    int limit() {
        return limit;
    }

    /**
     * @param newLimit at most {@link Http2#TABLE_BYTES}
     */
    void limit(int newLimit) {
        limit = newLimit;
        evict(limit);
    }

    private void evict(int down) {
        while (size > down) {
            size -= entries[at(added - count) + 3];
            count--;
        }
        if (count == 0) {
            write = 0;
        }
    }

    /**
     * Adds an entry, evicting what has no room beside it.
     *
     * @param charge name, value and {@link #ENTRY_OVERHEAD}; at least {@code to - from} is meant to fit
     * @return whether there is room for it at all
     */
    boolean add(byte[] from, int start, int to, int nameLength, int charge, int note) {
        if (charge > limit) {
            evict(0);
            return false;
        }
        evict(limit - charge);
        int length = to - start;
        room(length);
        System.arraycopy(from, start, bytes, write, length);
        if (added == Integer.MAX_VALUE - 1) {
            added = added % SLOTS + SLOTS; // older names name nothing, entries stay where they are
        }
        int at = at(added);
        entries[at] = write;
        entries[at + 1] = write + length;
        entries[at + 2] = nameLength;
        entries[at + 3] = charge;
        entries[at + 4] = note;
        write += length;
        size += charge;
        count++;
        added++;
        return true;
    }

    private void room(int length) {
        if (entries.length == 0) {
            entries = new int[SLOTS * STRIDE];
        }
        if (write + length <= bytes.length) {
            return;
        }
        int first = count == 0 ? write : entries[at(added - count)];
        int live = write - first;
        byte[] to = bytes;
        if ((live + length) * 2 > bytes.length) {
            to = new byte[Math.max(INITIAL, Integer.highestOneBit(live + length) * 4)];
        }
        System.arraycopy(bytes, first, to, 0, live);
        bytes = to;
        for (int i = added - count; i < added; i++) {
            entries[at(i)] -= first;
            entries[at(i) + 1] -= first;
        }
        write = live;
    }
}
