package dev.fairway.dataplane.policy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** User and password of an Authorization header (RFC 7617 section 2). */
record BasicCredentials(String user, byte[] password) {

    static @Nullable BasicCredentials of(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return null;
        }
        byte[] pair;
        try {
            pair = Base64.getDecoder().decode(authorization.substring(6).strip());
        } catch (IllegalArgumentException _) {
            return null;
        }
        for (int i = 0; i < pair.length; i++) {
            if (pair[i] == ':') {
                return new BasicCredentials(
                        new String(pair, 0, i, StandardCharsets.UTF_8),
                        Arrays.copyOfRange(pair, i + 1, pair.length));
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return "BasicCredentials[…]";
    }
}
