package dev.fairway.dataplane.policy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.apache.commons.codec.digest.Crypt;
import org.apache.commons.codec.digest.Md5Crypt;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/**
 * The password hashes an htpasswd file may hold: bcrypt, apr1, crypt(3) in its DES, {@code $1$},
 * {@code $5$} and {@code $6$} forms, and nginx's {@code {SHA}}, {@code {SSHA}}, {@code {PLAIN}}.
 * Compared in constant time. What is none of these, or costs more than is bearable, matches nothing.
 */
final class PasswordHash {
    /** 2^15 rounds take a core about two seconds; each further step doubles that. */
    static final int MAX_BCRYPT_COST = 15;

    /** A Secret's author must not occupy everybody's hashing threads. */
    static final int MAX_SHA_ROUNDS = 1_000_000;

    private PasswordHash() {}

    static boolean matches(byte[] password, String hash) {
        try {
            return verify(password.clone(), hash); // commons-codec wipes what it is given
        } catch (IllegalArgumentException | NoSuchAlgorithmException _) {
            return false;
        }
    }

    private static boolean verify(byte[] password, String hash) throws NoSuchAlgorithmException {
        if (hash.startsWith("{PLAIN}")) {
            return same(password, hash.substring(7));
        }
        if (hash.startsWith("{SHA}")) {
            return MessageDigest.isEqual(sha1(password, new byte[0]), decoded(hash, 5));
        }
        if (hash.startsWith("{SSHA}")) {
            byte[] digestAndSalt = decoded(hash, 6);
            if (digestAndSalt.length < 20) {
                return false;
            }
            byte[] salt = Arrays.copyOfRange(digestAndSalt, 20, digestAndSalt.length);
            return MessageDigest.isEqual(sha1(password, salt), Arrays.copyOf(digestAndSalt, 20));
        }
        if (hash.startsWith("$2")) {
            return bcryptCost(hash) <= MAX_BCRYPT_COST
                    && OpenBSDBCrypt.checkPassword(hash, password);
        }
        if (hash.startsWith("$apr1$")) {
            return same(bytes(hash), Md5Crypt.apr1Crypt(password, hash));
        }
        boolean modular =
                hash.startsWith("$1$") || hash.startsWith("$5$") || hash.startsWith("$6$");
        boolean des = hash.length() == 13 && hash.charAt(0) != '$' && hash.charAt(0) != '{';
        return (modular || des)
                && rounds(hash) <= MAX_SHA_ROUNDS
                && same(bytes(hash), Crypt.crypt(password, hash));
    }

    private static int bcryptCost(String hash) {
        int second = hash.indexOf('$', 1);
        return second < 0 || second + 3 > hash.length()
                ? Integer.MAX_VALUE
                : Integer.parseInt(hash, second + 1, second + 3, 10);
    }

    private static long rounds(String hash) {
        if (!hash.startsWith("rounds=", 3)) {
            return 0;
        }
        int end = hash.indexOf('$', 10);
        return end < 0 || end > 22 ? Long.MAX_VALUE : Long.parseLong(hash, 10, end, 10);
    }

    private static byte[] sha1(byte[] password, byte[] salt) throws NoSuchAlgorithmException {
        MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
        sha1.update(password);
        return sha1.digest(salt);
    }

    private static byte[] decoded(String hash, int from) {
        return Base64.getDecoder().decode(hash.substring(from).strip());
    }

    private static boolean same(byte[] expected, String actual) {
        return MessageDigest.isEqual(expected, bytes(actual));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
