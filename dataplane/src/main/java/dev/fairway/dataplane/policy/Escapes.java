package dev.fairway.dataplane.policy;

import java.nio.charset.StandardCharsets;

/** Percent-encoding (RFC 3986 section 2). */
final class Escapes {
    private static final String UNRESERVED_MARKS = "-._~";
    private static final String RESERVED = ":/?#[]@!$&'()*+,;=";
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private Escapes() {}

    /** Everything but unreserved characters: a value that stands inside a query parameter. */
    static String component(String text) {
        return encoded(text, UNRESERVED_MARKS);
    }

    /** What may not stand in a URI at all; escapes that are there stay. */
    static String illegal(String text) {
        return encoded(text, UNRESERVED_MARKS + RESERVED + "%");
    }

    private static String encoded(String text, String kept) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || kept.indexOf(c) >= 0;
            if (plain) {
                out.append(c);
            } else {
                out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
            }
        }
        return out.toString();
    }
}
