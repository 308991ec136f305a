package dev.fairway.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3/8, 10.0.0.0/8",
        "10.1.2.3, 10.1.2.3/32",
        "::ffff:10.1.2.3/104, 10.0.0.0/8",
        "fd00::1, fd00:0:0:0:0:0:0:1/128",
        "FD00::1/8, fd00:0:0:0:0:0:0:0/8",
        "0.0.0.0/0, 0.0.0.0/0",
        "::/0, 0:0:0:0:0:0:0:0/0"
    })
    void a_range_has_one_canonical_text(String text, String canonical) {
        assertEquals(canonical, Cidr.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10",
                "10.1.2",
                "10.1.2.256",
                "10.1.2.3/33",
                "10.1.2.3/-1",
                "10.1.2.3/",
                "10.1.2.3/8/8",
                "010.1.2.3",
                "localhost",
                "1.2.3.4x",
                "fd00::1/129",
                "fe80::1%eth0",
                ":::",
                "10.0.0.0/ 8",
                "::ffff:10.0.0.0/95",
                "1e3.0.0.1"
            })
    void what_is_no_range_is_refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text));
    }

    @Test
    void two_hundred_thousand_random_pairs_agree_with_arithmetic() {
        Random random = new Random(3);
        int inside = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] range = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(range);
            if (range.length == 16) {
                range[0] = 0x20; // never IPv4-mapped
            }
            int prefix = random.nextInt(range.length * 8 + 1);
            byte[] candidate = range.clone();
            candidate[random.nextInt(candidate.length)] ^= (byte) (1 << random.nextInt(8));
            String text = BigIntegerText.of(range);
            boolean expected =
                    new BigInteger(1, range)
                            .shiftRight(range.length * 8 - prefix)
                            .equals(
                                    new BigInteger(1, candidate)
                                            .shiftRight(range.length * 8 - prefix));
            assertEquals(expected, new Cidr(text, prefix).contains(candidate));
            inside += expected ? 1 : 0;
        }
        assertTrue(inside > 10_000 && inside < 190_000, "both answers occur: " + inside);
    }

    private static final class BigIntegerText {
        static String of(byte[] bytes) {
            try {
                return java.net.InetAddress.getByAddress(bytes).getHostAddress();
            } catch (java.net.UnknownHostException e) {
                throw new AssertionError(e);
            }
        }
    }
}
