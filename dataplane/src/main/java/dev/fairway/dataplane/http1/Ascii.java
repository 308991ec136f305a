package dev.fairway.dataplane.http1;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The byte classes of RFC 9110 5.6 and scans over them. Pure. */
public final class Ascii {
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    /** For each byte: 0 when it can't be in a token, else its lower case. */
    private static final byte[] TOKEN = new byte[256];

    /** For each byte: its value as a hex digit, or -1. */
    private static final byte[] HEX = new byte[256];

    static {
        Arrays.fill(HEX, (byte) -1);
        for (int digit = 0; digit < 16; digit++) {
            HEX["0123456789abcdef".charAt(digit)] = (byte) digit;
            HEX["0123456789ABCDEF".charAt(digit)] = (byte) digit;
        }
        for (int c = '!'; c < 127; c++) {
            if ("\"(),/:;<=>?@[\\]{}".indexOf(c) < 0) {
                TOKEN[c] = (byte) (c >= 'A' && c <= 'Z' ? c + 32 : c);
            }
        }
    }

    private Ascii() {}

    /** 0 when the byte can't be in a token, else its lower case. */
    public static int token(byte b) {
        return TOKEN[b & 0xff];
    }

    public static boolean isToken(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (token(bytes[i]) == 0) {
                return false;
            }
        }
        return to > from;
    }

    /**
     * Behind the letters, digits and hyphens that {@code [from, to)} begins with: eight at a time, and
     * perhaps not all of them. Most names are nothing else.
     */
    static int plainToken(byte[] bytes, int from, int to) {
        int i = from;
        for (; i + 8 <= to; i += 8) {
            long word = (long) WORD.get(bytes, i);
            // Sums of bytes below 0x80 carry into nobody's bit but their own high one.
            long low = word & ~HIGHS;
            long lower = low | ONES * 0x20;
            long letters = (lower + ONES * (0x80 - 'a')) & ~(lower + ONES * (0x7f - 'z'));
            long digits = (low + ONES * (0x80 - '0')) & ~(low + ONES * (0x7f - '9'));
            long hyphens = ~((low ^ ONES * '-') + ONES * 0x7f);
            long others = ~(letters | digits | hyphens) & HIGHS | word & HIGHS;
            if (others != 0) {
                return i + (Long.numberOfTrailingZeros(others) >>> 3);
            }
        }
        return i;
    }

    /** Where the first control (0 to 31, 127) of {@code [from, to)} is; {@code to} when none. */
    public static int control(byte[] bytes, int from, int to) {
        int i = from;
        for (; i + 8 <= to; i += 8) {
            long word = (long) WORD.get(bytes, i);
            long deletes = word ^ ONES * 0x7f;
            long found = ((word - ONES * 0x20 & ~word) | (deletes - ONES & ~deletes)) & HIGHS;
            if (found != 0) {
                // A borrow can only mark bytes above a true find: the lowest is true.
                return i + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        for (; i < to; i++) {
            if (isControl(bytes[i])) {
                return i;
            }
        }
        return to;
    }

    static boolean isControl(byte b) {
        return (b >= 0 && b < ' ') || b == 0x7f;
    }

    static boolean contains(byte[] bytes, int from, int to, byte wanted) {
        return find(bytes, from, to, wanted) < to;
    }

    /** Where it is first; {@code to} when nowhere. */
    static int find(byte[] bytes, int from, int to, byte wanted) {
        int i = from;
        while (i < to && bytes[i] != wanted) {
            i++;
        }
        return i;
    }

    /** Behind the spaces and tabs that {@code [from, to)} begins with. */
    static int skipBlank(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isBlank(bytes[i])) {
            i++;
        }
        return i;
    }

    /** Before the spaces and tabs that {@code [from, to)} ends with. */
    static int dropBlank(byte[] bytes, int from, int to) {
        int i = to;
        while (i > from && isBlank(bytes[i - 1])) {
            i--;
        }
        return i;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    static boolean equalsIgnoreCase(byte[] bytes, int from, int to, byte[] lower) {
        if (to - from != lower.length) {
            return false;
        }
        for (int i = 0; i < lower.length; i++) {
            if (lower(bytes[from + i]) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    static boolean equalsIgnoreCase(byte[] bytes, int from, int to, String lower) {
        if (to - from != lower.length()) {
            return false;
        }
        for (int i = 0; i < lower.length(); i++) {
            if (lower(bytes[from + i]) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The value of a hex digit; below 0 when it is none. */
    static int hex(byte b) {
        return HEX[b & 0xff];
    }

    static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + 32 : b;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Whether this may be a field name on the wire. */
    public static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 126 || TOKEN[text.charAt(i)] == 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether this may be a field value on the wire: one byte per char, no control but HTAB. */
    public static boolean isFieldValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 255 || (c < ' ' && c != '\t') || c == 127) {
                return false;
            }
        }
        return true;
    }
}
