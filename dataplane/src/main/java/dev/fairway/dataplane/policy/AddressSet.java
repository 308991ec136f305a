package dev.fairway.dataplane.policy;

import dev.fairway.contract.Cidr;
import java.util.Arrays;
import java.util.List;

/**
 * Whether an address is in one of many ranges: ranges merged and sorted, then a binary search;
 * allocates nothing. IPv4 and IPv6 are kept apart, so that {@code ::/0} says nothing about IPv4.
 */
public final class AddressSet {
    private final Ranges v4;
    private final Ranges v6;

    public AddressSet(List<Cidr> ranges) {
        v4 = new Ranges(ranges.stream().filter(c -> c.bytes().length == 4).toList());
        v6 = new Ranges(ranges.stream().filter(c -> c.bytes().length == 16).toList());
    }

    public boolean isEmpty() {
        return v4.high.length == 0 && v6.high.length == 0;
    }

    /**
     * @param address 4 or 16 bytes, never IPv4-mapped
     */
    public boolean contains(byte[] address) {
        return address.length == 4
                ? v4.contains(0, word(address, 0, 4))
                : v6.contains(word(address, 0, 8), word(address, 8, 8));
    }

    static long word(byte[] bytes, int from, int length) {
        long word = 0;
        for (int i = from; i < from + length; i++) {
            word = word << 8 | (bytes[i] & 0xff);
        }
        return word;
    }

    /** Disjoint ranges of 128-bit numbers, ascending: first and last of each in two words. */
    private static final class Ranges {
        private final long[] high;
        private final long[] low;
        private final long[] lastHigh;
        private final long[] lastLow;

        Ranges(List<Cidr> cidrs) {
            // Prefixes never overlap in part: one either holds the other or has nothing of it.
            List<Cidr> sorted =
                    cidrs.stream()
                            .sorted((a, b) -> {
                                int order = Arrays.compareUnsigned(a.bytes(), b.bytes());
                                return order != 0 ? order : Integer.compare(a.prefix(), b.prefix());
                            })
                            .toList();
            long[][] ranges = new long[sorted.size()][];
            int count = 0;
            for (Cidr cidr : sorted) {
                long[] range = range(cidr);
                if (count == 0
                        || compare(range[0], range[1], ranges[count - 1][2], ranges[count - 1][3])
                                > 0) {
                    ranges[count++] = range;
                }
            }
            high = column(ranges, count, 0);
            low = column(ranges, count, 1);
            lastHigh = column(ranges, count, 2);
            lastLow = column(ranges, count, 3);
        }

        boolean contains(long h, long l) {
            int from = 0;
            int to = high.length - 1;
            while (from <= to) {
                int middle = (from + to) >>> 1;
                if (compare(h, l, high[middle], low[middle]) < 0) {
                    to = middle - 1;
                } else if (compare(h, l, lastHigh[middle], lastLow[middle]) > 0) {
                    from = middle + 1;
                } else {
                    return true;
                }
            }
            return false;
        }

        private static long[] range(Cidr cidr) {
            byte[] first = cidr.bytes();
            byte[] last = first.clone();
            for (int bit = cidr.prefix(); bit < last.length * 8; bit++) {
                last[bit / 8] |= (byte) (0x80 >> (bit % 8));
            }
            return first.length == 4
                    ? new long[] {0, word(first, 0, 4), 0, word(last, 0, 4)}
                    : new long[] {
                        word(first, 0, 8), word(first, 8, 8), word(last, 0, 8), word(last, 8, 8)
                    };
        }

        private static int compare(long h1, long l1, long h2, long l2) {
            int byHigh = Long.compareUnsigned(h1, h2);
            return byHigh != 0 ? byHigh : Long.compareUnsigned(l1, l2);
        }

        private static long[] column(long[][] ranges, int count, int index) {
            long[] column = new long[count];
            for (int i = 0; i < count; i++) {
                column[i] = ranges[i][index];
            }
            return column;
        }
    }
}
