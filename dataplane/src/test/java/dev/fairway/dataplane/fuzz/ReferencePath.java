package dev.fairway.dataplane.fuzz;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The canonical path, step by step (RFC 3986 6.2.2, attack ledger E1 to E5). */
public final class ReferencePath {
    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
    private static final Pattern FORBIDDEN = Pattern.compile("[\\x00-\\x20\\x7f\\\\#?]");
    private static final Pattern UNRESERVED = Pattern.compile("[A-Za-z0-9._~-]");

    private ReferencePath() {}

    /** Null: refused. */
    public static @Nullable String canonical(String raw) {
        if (!raw.startsWith("/") || FORBIDDEN.matcher(raw).find()) {
            return null;
        }
        if (ESCAPE.matcher(raw).replaceAll("").contains("%")) {
            return null;
        }
        StringBuilder decoded = new StringBuilder();
        Matcher escape = ESCAPE.matcher(raw);
        int at = 0;
        while (escape.find()) {
            decoded.append(raw, at, escape.start());
            char value = (char) Integer.parseInt(escape.group(1), 16);
            if (value == 0 || value == '\\') {
                return null;
            }
            boolean unreserved = UNRESERVED.matcher(String.valueOf(value)).matches();
            decoded.append(unreserved ? String.valueOf(value) : encoded(value));
            at = escape.end();
        }
        decoded.append(raw.substring(at));
        StringBuilder ascii = new StringBuilder();
        for (char c : decoded.toString().toCharArray()) {
            ascii.append(c < 128 ? String.valueOf(c) : encoded(c));
        }
        return withoutDots(ascii.substring(1).split("/", -1));
    }

    private static String encoded(char c) {
        return "%" + HexFormat.of().withUpperCase().toHexDigits((byte) c);
    }

    private static @Nullable String withoutDots(String[] segments) {
        Deque<String> kept = new ArrayDeque<>();
        boolean openEnded = false;
        for (String segment : segments) {
            if (segment.startsWith(".;") || segment.startsWith("..;")) {
                return null;
            }
            for (String part : segment.contains("%2F") ? segment.split("%2F", -1) : new String[0]) {
                if (part.equals(".") || part.equals("..")) {
                    return null;
                }
            }
            openEnded = segment.isEmpty() || segment.equals(".") || segment.equals("..");
            if (segment.equals("..")) {
                if (kept.pollLast() == null) {
                    return null;
                }
            } else if (!openEnded) {
                kept.add(segment);
            }
        }
        String path = "/" + String.join("/", kept);
        return openEnded && !kept.isEmpty() ? path + "/" : path;
    }
}
