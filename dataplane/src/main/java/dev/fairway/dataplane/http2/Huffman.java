package dev.fairway.dataplane.http2;

/**
 * The Huffman code of RFC 7541 appendix B, decoding only: what we send is not compressed further. The
 * code is canonical, so that the lengths of its words say everything. Pure.
 */
final class Huffman {
    /** The longest string that {@code size} coded bytes can mean. */
    static int bound(int size) {
        return size * 8 / 5 + 1;
    }

    private static final int END = 256;
    private static final int LONGEST = 30;

    /** Words up to so many bits are found at once: all of the characters that occur in practice. */
    private static final int FAST = 10;

    private static final byte[] LENGTHS = lengths();

    /** By the next {@link #FAST} bits: length and symbol; 0: a longer word. */
    private static final short[] WORDS = new short[1 << FAST];

    // By length: the first word, how many there are, and where their symbols begin.
    private static final int[] FIRST = new int[LONGEST + 1];
    private static final int[] COUNT = new int[LONGEST + 1];
    private static final int[] SYMBOLS_FROM = new int[LONGEST + 1];
    private static final short[] SYMBOLS = new short[END + 1];

    static {
        int word = 0;
        int symbols = 0;
        for (int length = 1; length <= LONGEST; length++) {
            word <<= 1;
            FIRST[length] = word;
            SYMBOLS_FROM[length] = symbols;
            for (int symbol = 0; symbol <= END; symbol++) {
                if (LENGTHS[symbol] == length) {
                    SYMBOLS[symbols++] = (short) symbol;
                    if (length <= FAST) {
                        int from = word << FAST - length;
                        for (int i = 0; i < 1 << FAST - length; i++) {
                            WORDS[from + i] = (short) (length << 8 | symbol);
                        }
                    }
                    word++;
                }
            }
            COUNT[length] = word - FIRST[length];
        }
        if (word != 1 << LONGEST) {
            throw new IllegalStateException("the code is not complete");
        }
    }

    private Huffman() {}

    /**
     * Decodes {@code in[from, to)}.
     *
     * @param out with room for {@link #bound} from {@code at} on
     * @return where the string ends in {@code out}; -1: it is malformed
     */
    static int decode(byte[] in, int from, int to, byte[] out, int at) {
        long buffer = 0;
        int bits = 0;
        int i = from;
        int end = at;
        while (true) {
            while (bits <= 48 && i < to) {
                buffer = buffer << 8 | in[i++] & 0xff;
                bits += 8;
            }
            if (bits == 0) {
                return end;
            }
            int next =
                    bits >= FAST
                            ? (int) (buffer >>> bits - FAST) & (1 << FAST) - 1
                            : (int) (buffer << FAST - bits | (1 << FAST - bits) - 1)
                                    & (1 << FAST) - 1;
            int word = WORDS[next];
            int length = word >>> 8;
            if (word == 0) {
                length = FAST + 1;
                while (length <= bits && length <= LONGEST) {
                    int offset = (int) (buffer >>> bits - length) & (1 << length) - 1;
                    offset -= FIRST[length];
                    if (offset < COUNT[length]) {
                        word = SYMBOLS[SYMBOLS_FROM[length] + offset];
                        break;
                    }
                    length++;
                }
            }
            if (length > bits) {
                // Padding: less than a byte, of ones (RFC 7541 5.2).
                boolean ones = (buffer & (1L << bits) - 1) == (1L << bits) - 1;
                return bits < 8 && ones ? end : -1;
            }
            if ((word & 0x1ff) == END) {
                return -1;
            }
            out[end++] = (byte) word;
            bits -= length;
        }
    }

    private static byte[] lengths() {
        int[][] rows = {
            {13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28},
            {28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28},
            {6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6},
            {5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10},
            {13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7},
            {7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6},
            {15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5},
            {6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28},
            {20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23},
            {24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24},
            {22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23},
            {21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23},
            {26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25},
            {19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27},
            {20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23},
            {26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26}
        };
        byte[] lengths = new byte[END + 1];
        for (int symbol = 0; symbol < END; symbol++) {
            lengths[symbol] = (byte) rows[symbol >> 4][symbol & 15];
        }
        lengths[END] = LONGEST;
        return lengths;
    }
}
