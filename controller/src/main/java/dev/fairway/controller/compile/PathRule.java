package dev.fairway.controller.compile;

import dev.fairway.contract.PathMatch;
import dev.fairway.controller.compile.annotation.Grammars;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * A path of a rule: type and canonical text.
 *
 * @param kind its type
 * @param written as in the Ingress, {@code /} when there was none
 * @param canonical as requests have it: unreserved escapes decoded, the rest encoded
 */
record PathRule(Kind kind, String written, String canonical) {

    /** In order of precedence at equal length. */
    enum Kind {
        EXACT("Exact"),
        PREFIX("Prefix"),
        IMPLEMENTATION_SPECIFIC("ImplementationSpecific");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /**
     * The longest first; at equal length Exact, Prefix, ImplementationSpecific. A trailing slash
     * adds no length between types, so that Exact {@code /foo} keeps its request from Prefix {@code
     * /foo/}, which matches it too; within a type it does.
     */
    static final Comparator<PathRule> PRECEDENCE =
            Comparator.comparingInt((PathRule p) -> -p.trimmedLength())
                    .thenComparing(PathRule::kind)
                    .thenComparingInt(p -> -p.canonical.length())
                    .thenComparing(PathRule::canonical);

    /** The longest first, whatever the type: how ingress-nginx orders the patterns of a host. */
    static final Comparator<PathRule> PATTERN_PRECEDENCE =
            Comparator.comparingInt((PathRule p) -> -p.written.length())
                    .thenComparing(PathRule::kind)
                    .thenComparing(PathRule::written);

    private static final int MAX_CHARS = 512;
    private static final String UNRESERVED_EXTRA = "-._~";
    private static final String ALLOWED_EXTRA = "-._~!$&'()*+,;=:@/";

    private int trimmedLength() {
        return canonical.endsWith("/") ? canonical.length() - 1 : canonical.length();
    }

    static Optional<Kind> kind(Optional<String> pathType) {
        return switch (pathType.orElse("ImplementationSpecific")) {
            case "Exact" -> Optional.of(Kind.EXACT);
            case "Prefix" -> Optional.of(Kind.PREFIX);
            case "ImplementationSpecific" -> Optional.of(Kind.IMPLEMENTATION_SPECIFIC);
            default -> Optional.empty();
        };
    }

    /** Half a sentence about what is wrong with a literal path, when something is. */
    static Optional<String> wrong(String path) {
        if (!path.startsWith("/")) {
            return Optional.of("does not start with /");
        }
        if (path.length() > MAX_CHARS || canonical(path).length() > MAX_CHARS) {
            return Optional.of("is longer than " + MAX_CHARS + " characters");
        }
        if (path.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '?' || c == '#' || c == '\\')) {
            return Optional.of("holds a control character, ?, # or \\");
        }
        String lower = path.toLowerCase(Locale.ROOT) + "/";
        boolean never =
                path.contains("//")
                        || lower.contains("/./")
                        || lower.contains("/../")
                        || lower.contains("%2f")
                        || lower.contains("%00")
                        || lower.contains("%5c");
        return never
                ? Optional.of("holds //, a dot segment, or an encoded /, \\ or NUL")
                : Optional.empty();
    }

    /** As {@link #wrong}, for what may be a pattern. */
    static Optional<String> wrongPattern(String path) {
        if (!path.startsWith("/")) {
            return Optional.of("does not start with /");
        }
        return path.chars().anyMatch(c -> c < ' ' || c == 0x7f)
                ? Optional.of("holds a control character")
                : Optional.empty();
    }

    /** The form requests have after the data plane's normalisation (DESIGN section 3). */
    static String canonical(String path) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < path.length(); ) {
            int c = path.codePointAt(at);
            int hex = c == '%' ? escaped(path, at) : -1;
            if (hex >= 0) {
                append(text, hex, UNRESERVED_EXTRA);
                at += 3;
            } else if (c < 0x80) {
                append(text, c, ALLOWED_EXTRA);
                at++;
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    text.append(String.format("%%%02X", b & 0xff));
                }
                at += Character.charCount(c);
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, int c, String extra) {
        boolean plain =
                (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || (c < 0x80 && extra.indexOf(c) >= 0);
        if (plain) {
            text.append((char) c);
        } else {
            text.append(String.format("%%%02X", c));
        }
    }

    private static int escaped(String path, int at) {
        if (at + 2 >= path.length()) {
            return -1;
        }
        int high = Character.digit(path.charAt(at + 1), 16);
        int low = Character.digit(path.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    /** Whether only a pattern is written like this. */
    boolean looksLikePattern() {
        return written.chars().anyMatch(c -> "()[]{}*+?|^$\\".indexOf(c) >= 0);
    }

    /** Absent when it is no pattern within bounds. */
    Optional<PathMatch> pattern(boolean caseInsensitive) {
        return Grammars.regex(written, caseInsensitive)
                .map(p -> new PathMatch.Regex(written, caseInsensitive));
    }

    PathMatch literal(boolean compatible) {
        return switch (kind) {
            case EXACT -> new PathMatch.Exact(canonical);
            case PREFIX -> new PathMatch.Prefix(canonical);
            case IMPLEMENTATION_SPECIFIC ->
                    compatible
                            ? new PathMatch.StringPrefix(canonical)
                            : new PathMatch.Prefix(canonical);
        };
    }
}
