package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/",
                "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1",
                "$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.",
                "$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.",
                "abNANd1rDfiNc",
                "$6$rounds=1000$abc$MqEcPZUYRGGcOeq7PhMpfjfu/F0HrVEI0OlZBijWvO8mSG77iNUDP5MqFceKpJTBc8iITVtNyLiNTRNCxv6oh0",
                "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
                "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
                "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0",
                "{PLAIN}secret"
            })
    void every_form_of_htpasswd_matches_its_password_and_no_other(String hash) {
        byte[] right = "secret".getBytes(StandardCharsets.UTF_8);
        assertTrue(PasswordHash.matches(right, hash));
        assertTrue(PasswordHash.matches(right, hash)); // the password was not wiped
        assertFalse(PasswordHash.matches("Secret".getBytes(StandardCharsets.UTF_8), hash));
        assertFalse(PasswordHash.matches(new byte[0], hash));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "secret",
                "{MD5}x",
                "{SHA}",
                "{SHA}***",
                "{SSHA}AAAA",
                "$2y$",
                "$2y$16$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
                "$6$rounds=999999999$salt$x",
                "$6$rounds=99999999999999999999999999$salt$x",
                "$apr1$",
                "$9$salt$hash"
            })
    void what_is_no_hash_or_too_costly_matches_nothing(String hash) {
        assertFalse(PasswordHash.matches("secret".getBytes(StandardCharsets.UTF_8), hash));
    }

    @Test
    void an_empty_plain_password_is_one() {
        assertTrue(PasswordHash.matches(new byte[0], "{PLAIN}"));
    }
}
