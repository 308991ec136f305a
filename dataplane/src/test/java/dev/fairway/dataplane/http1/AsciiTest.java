package dev.fairway.dataplane.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AsciiTest {
    private static boolean plain(int b) {
        return Character.isLetterOrDigit(b) && b < 128 || b == '-';
    }

    @Test
    void a_word_of_a_name_is_judged_as_its_bytes_are() {
        byte[] bytes = new byte[16];
        for (int at = 0; at < 8; at++) {
            for (int b = 0; b < 256; b++) {
                Arrays.fill(bytes, (byte) "azAZ09-m".charAt(at));
                bytes[4 + at] = (byte) b;
                int expected = plain(b) ? 12 : 4 + at;
                assertEquals(expected, Ascii.plainToken(bytes, 4, 12), "byte " + b + " at " + at);
            }
        }
    }

    @Test
    void what_a_name_begins_with_is_never_overrated() {
        Random random = new Random(1);
        byte[] bytes = new byte[40];
        for (int round = 0; round < 200_000; round++) {
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length; i++) {
                if (random.nextInt(8) != 0) {
                    bytes[i] = (byte) "azAZ09-m".charAt(random.nextInt(8));
                }
            }
            int from = random.nextInt(8);
            int end = from;
            while (end < bytes.length && plain(bytes[end] & 0xff)) {
                end++;
            }
            int found = Ascii.plainToken(bytes, from, bytes.length);
            assertTrue(found == end || (found < end && bytes.length - found < 8), "round " + round);
        }
    }
}
