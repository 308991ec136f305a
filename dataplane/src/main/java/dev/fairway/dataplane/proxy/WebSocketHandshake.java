package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.RequestHead;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part of RFC 6455's opening handshake that HTTP/2 has not (RFC 8441 5), for HTTP/1.1 clients. */
final class WebSocketHandshake {
    private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 1.3

    private static final int KEY_BYTES = 16;
    private static final int KEY_LENGTH = 24;

    private WebSocketHandshake() {}

    /**
     * Whether we can answer for an HTTP/2 backend, which is not asked for its word on a key: there is one,
     * of 16 bytes (RFC 6455 4.2.1). Other protocols, and clients that speak HTTP/2, have none.
     */
    static boolean answerable(RequestHead asked) {
        if (asked.http2() || !asked.value(asked.upgrade()).equalsIgnoreCase("websocket")) {
            return true;
        }
        List<String> keys = asked.headers("sec-websocket-key");
        try {
            return keys.size() == 1
                    && keys.getFirst().length() == KEY_LENGTH
                    && Base64.getDecoder().decode(keys.getFirst()).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Sec-WebSocket-Accept.
     *
     * @param key as the client sent it; null: it sent none, and there is no answer to it
     */
    static @Nullable String accept(String protocol, @Nullable String key) {
        if (key == null || !protocol.equalsIgnoreCase("websocket")) {
            return null;
        }
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] digest = sha1.digest((key + SALT).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
