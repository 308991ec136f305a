package dev.fairway.dataplane.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.fairway.contract.PathMatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A path regex: anchored at the start, open at the end, in linear time (re2j). Most paths are ruled
 * out by the literal text the pattern begins with, before the automaton is asked.
 */
public final class PathPattern {
    private final Pattern pattern;
    private final byte[] literal;
    private final boolean caseInsensitive;

    private PathPattern(Pattern pattern, byte[] literal, boolean caseInsensitive) {
        this.pattern = pattern;
        this.literal = literal;
        this.caseInsensitive = caseInsensitive;
    }

    /**
     * @throws IllegalArgumentException when the pattern is not RE2 syntax
     */
    public static PathPattern of(PathMatch.Regex regex) {
        try {
            int flags = regex.caseInsensitive() ? Pattern.CASE_INSENSITIVE : 0;
            return new PathPattern(
                    Pattern.compile(regex.pattern(), flags),
                    literalPrefix(regex.pattern()).getBytes(StandardCharsets.UTF_8),
                    regex.caseInsensitive());
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("no RE2 pattern: " + e.getDescription(), e);
        }
    }

    boolean matches(byte[] path, int length) {
        return mayMatch(path, length)
                && pattern.matcher(path.length == length ? path : Arrays.copyOf(path, length))
                        .lookingAt();
    }

    /** The match and its groups, 0 to 9, absent ones empty; null when the path does not match. */
    public String @Nullable [] captures(String path) {
        Matcher matcher = pattern.matcher(path);
        if (!matcher.lookingAt()) {
            return null;
        }
        String[] groups = new String[10];
        for (int i = 0; i < groups.length; i++) {
            String group = i <= matcher.groupCount() ? matcher.group(i) : null;
            groups[i] = group == null ? "" : group;
        }
        return groups;
    }

    private boolean mayMatch(byte[] path, int length) {
        if (!caseInsensitive) {
            return length >= literal.length
                    && Arrays.equals(literal, 0, literal.length, path, 0, literal.length);
        }
        for (int i = 0; i < literal.length; i++) {
            if (i < length && path[i] < 0) {
                return true; // Unicode folds some of its letters onto ASCII: the automaton decides
            }
            if (i >= length || lower(path[i]) != lower(literal[i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + 32 : b;
    }

    /** ASCII text that every match begins with; empty when in doubt. */
    static String literalPrefix(String pattern) {
        if (branches(pattern)) {
            return "";
        }
        StringBuilder literal = new StringBuilder();
        int i = pattern.startsWith("^") ? 1 : 0;
        while (i < pattern.length()) {
            char c = pattern.charAt(i);
            int next = i + 1;
            if (c == '\\' && next < pattern.length() && punctuation(pattern.charAt(next))) {
                c = pattern.charAt(next++);
            } else if (c > '~' || ".[](){}*+?^$\\".indexOf(c) >= 0) {
                return literal.toString();
            }
            boolean repeated = next < pattern.length() && "*?{+".indexOf(pattern.charAt(next)) >= 0;
            // A flag group is nothing: what repeats it repeats this character.
            if (repeated || pattern.startsWith("(?", next)) {
                return literal.toString(); // it may be absent
            }
            literal.append(c);
            i = next;
        }
        return literal.toString();
    }

    /** Whether the pattern, outside of groups, has alternatives; true when in doubt. */
    private static boolean branches(String pattern) {
        if (pattern.contains("\\Q")) {
            return true;
        }
        int depth = 0;
        for (int i = 0; i < pattern.length(); i++) {
            switch (pattern.charAt(i)) {
                case '\\' -> i++;
                case '(' -> depth++;
                case ')' -> depth--;
                case '[' -> i = endOfClass(pattern, i);
                case '|' -> {
                    if (depth <= 0) {
                        return true;
                    }
                }
                default -> {}
            }
            if (i < 0) {
                return true;
            }
        }
        return false;
    }

    /** Where the character class that begins at {@code open} ends; -2 when that is not clear. */
    private static int endOfClass(String pattern, int open) {
        int i = open + 1;
        if (i < pattern.length() && pattern.charAt(i) == '^') {
            i++;
        }
        // A bracket in the first place stands for itself.
        for (int first = i; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '[') {
                return -2; // perhaps a named class
            } else if (c == ']' && i > first) {
                return i;
            }
        }
        return -2;
    }

    private static boolean punctuation(char c) {
        return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
    }
}
