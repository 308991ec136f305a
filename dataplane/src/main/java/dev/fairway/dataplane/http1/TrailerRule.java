package dev.fairway.dataplane.http1;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Which trailer fields a proxy lets through (RFC 9110 6.5.1, attack ledger B9). A receiver may merge
 * them into its header fields, so what frames, routes, authenticates or carries a session never passes,
 * nor does a name the engine acts on.
 */
public enum TrailerRule {
    /** Of gRPC: all metadata but the forbidden; a call's status travels here. */
    GRPC,

    /**
     * Of everything else: fields that are made to be trailers, and harmless where they are not
     * expected.
     */
    LISTED;

    private static final List<String> ALLOWED =
            List.of(
                    "grpc-status",
                    "grpc-message",
                    "grpc-status-details-bin",
                    "server-timing",
                    "content-digest",
                    "repr-digest",
                    "digest");

    private static final List<String> FORBIDDEN =
            List.of(
                    "age",
                    "allow",
                    "authentication-info",
                    "cache-control",
                    "cdn-loop",
                    "early-data",
                    "expires",
                    "location",
                    "max-forwards",
                    "origin",
                    "pragma",
                    "range",
                    "referer",
                    "retry-after",
                    "set-cookie2",
                    "strict-transport-security",
                    "vary",
                    "via",
                    "warning",
                    "www-authenticate",
                    "x-http-method-override",
                    "x-method-override",
                    "x-original-url",
                    "x-rewrite-url");

    /** Whole families: content codings and types, conditions, proxies' words, access control. */
    private static final List<byte[]> FORBIDDEN_PREFIXES =
            List.of(
                    ascii("content-"),
                    ascii("if-"),
                    ascii("proxy-"),
                    ascii("access-control-"),
                    ascii("sec-"),
                    ascii("x-forwarded-"),
                    ascii("x-auth-"));

    boolean passes(Trailers trailers, int i) {
        if (trailers.name(i) != FieldName.OTHER) {
            return false;
        }
        if (isOneOf(trailers, i, ALLOWED)) {
            return true;
        }
        return switch (this) {
            case LISTED -> false;
            case GRPC -> !isOneOf(trailers, i, FORBIDDEN) && !ofForbiddenFamily(trailers, i);
        };
    }

    private static boolean isOneOf(Trailers trailers, int i, List<String> names) {
        for (int k = 0; k < names.size(); k++) {
            if (trailers.nameIs(i, names.get(k))) {
                return true;
            }
        }
        return false;
    }

    private static boolean ofForbiddenFamily(Trailers trailers, int i) {
        int from = trailers.nameStart(i);
        int length = trailers.nameEnd(i) - from;
        for (int k = 0; k < FORBIDDEN_PREFIXES.size(); k++) {
            byte[] prefix = FORBIDDEN_PREFIXES.get(k);
            if (length >= prefix.length
                    && Ascii.equalsIgnoreCase(
                            trailers.bytes(), from, from + prefix.length, prefix)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
