package dev.fairway.controller.compile;

/** User bytes as they may appear in problems: bounded, and without anything a terminal acts on. */
public final class Printable {
    private Printable() {}

    /** Three of these stay below the 256 user bytes a problem may carry. */
    private static final int MAX = 80;

    /** In double quotes, ASCII only, everything else escaped. */
    public static String quoted(String value) {
        return '"' + plain(value) + '"';
    }

    /** As {@link #quoted}, without the quotes. */
    public static String plain(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            String next =
                    c >= ' ' && c < 0x7f && c != '\\' && c != '"' ? String.valueOf(c) : escape(c);
            if (text.length() + next.length() > MAX) {
                return text.append("...").toString();
            }
            text.append(next);
        }
        return text.toString();
    }

    private static String escape(char c) {
        return switch (c) {
            case '\\' -> "\\\\";
            case '"' -> "\\\"";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> String.format("\\u%04x", (int) c);
        };
    }
}
