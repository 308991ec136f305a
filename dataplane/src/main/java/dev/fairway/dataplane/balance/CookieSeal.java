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
 * E12). Immutable; any thread.
 */
final class CookieSeal {
    /** Keyed, and fed what all names begin with. Only ever cloned. */
    private final Mac begun;

    CookieSeal(byte[] seed) {
        try {
            begun = Mac.getInstance("HmacSHA256");
            begun.init(new SecretKeySpec(seed, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private CookieSeal(Mac begun) {
        this.begun = begun;
    }

    /** A seal whose names are those of this one that begin with these parts: they are hashed once. */
    CookieSeal under(String... parts) {
        return new CookieSeal(with(parts));
    }

    /** Each part is delimited, so that no two lists of parts say the same. */
    String name(int bytes, String... parts) {
        return encode(Arrays.copyOf(with(parts).doFinal(), bytes));
    }

    private Mac with(String... parts) {
        try {
            Mac mac = (Mac) begun.clone();
            for (String part : parts) {
                byte[] text = part.getBytes(StandardCharsets.UTF_8);
                mac.update((byte) (text.length >>> 8));
                mac.update((byte) text.length);
                mac.update(text);
            }
            return mac;
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("every Java's HmacSHA256 can be cloned", e);
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
