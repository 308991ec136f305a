package dev.fairway.contract;

import java.util.regex.Pattern;

/** The checks that compact constructors share. Every failure is an IllegalArgumentException. */
final class Valid {
    private Valid() {}

    // Anchored by matches(); the inputs are names and header tokens of the contract, never request
    // data.
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");

    static void that(boolean holds, String text, Object... args) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(text, args));
        }
    }

    /** A header field or cookie name: RFC 9110 section 5.6.2, token. */
    static String token(String value, String what) {
        that(TOKEN.matcher(value).matches(), "%s is not a token: %s", what, printable(value));
        return value;
    }

    /** A value that may appear in a header or target: no control characters at all. */
    static String text(String value, String what, int max) {
        that(value.length() <= max, "%s is longer than %d", what, max);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            that(c >= ' ' && c != 0x7f, "%s holds a control character at %d", what, i);
        }
        return value;
    }

    static String name(String value, String what) {
        that(!value.isEmpty(), "%s is empty", what);
        return text(value, what, 512);
    }

    static int port(int port, String what) {
        that(port > 0 && port < 65536, "%s is no port: %d", what, port);
        return port;
    }

    static int status(int status) {
        that(status >= 200 && status <= 599, "no final status: %d", status);
        return status;
    }

    private static String printable(String value) {
        String cut = value.length() > 80 ? value.substring(0, 80) + "…" : value;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
