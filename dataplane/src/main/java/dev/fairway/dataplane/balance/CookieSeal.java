package dev.fairway.dataplane.balance;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opaque names that only the holder of the seed can make: truncated HMAC-SHA256, Base64url. A client
 * learns nothing of an endpoint from its name and cannot ask for one it was not given (attack ledger
 * E12).
 */
final class CookieSeal {
    private final SecretKeySpec key;

    CookieSeal(byte[] seed) {
        key = new SecretKeySpec(seed, "HmacSHA256");
    }

    /** Each part is delimited, so that no two lists of parts say the same. */
    String name(int bytes, String... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            for (String part : parts) {
                byte[] text = part.getBytes(StandardCharsets.UTF_8);
                mac.update((byte) (text.length >>> 8));
                mac.update((byte) text.length);
                mac.update(text);
            }
            return encode(Arrays.copyOf(mac.doFinal(), bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** In constant time. */
    static boolean same(String expected, String given) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
