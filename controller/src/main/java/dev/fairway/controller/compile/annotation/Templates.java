package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Template;
import dev.fairway.contract.TemplatePart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Text with ingress-nginx's variables → {@link Template}. A variable we do not know is an error, not
 * an empty string.
 */
public final class Templates {
    private Templates() {}

    private static final int MAX_CHARS = 4096;

    private static final Map<String, TemplatePart.Name> VARIABLES = variables();

    private static Map<String, TemplatePart.Name> variables() {
        Map<String, TemplatePart.Name> names = new HashMap<>();
        for (TemplatePart.Name name : TemplatePart.Name.values()) {
            names.put(name.name().toLowerCase(Locale.ROOT), name);
        }
        return Map.copyOf(names);
    }

    /** @param captures whether {@code $1} to {@code $9} mean something here */
    public static Optional<Template> parse(String text, boolean captures) {
        if (text.isEmpty() || text.length() > MAX_CHARS) {
            return Optional.empty();
        }
        List<TemplatePart> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != '$') {
                literal.append(c);
                at++;
                continue;
            }
            int end = nameEnd(text, at + 1);
            String name = bare(text.substring(at + 1, end));
            TemplatePart part = part(name, captures);
            if (part == null) {
                return Optional.empty();
            }
            if (!literal.isEmpty()) {
                parts.add(new TemplatePart.Text(literal.toString()));
                literal.setLength(0);
            }
            parts.add(part);
            at = end;
        }
        if (!literal.isEmpty()) {
            parts.add(new TemplatePart.Text(literal.toString()));
        }
        return Optional.of(new Template(parts));
    }

    /** A digit stands alone; letters go on; braces enclose. */
    private static int nameEnd(String text, int start) {
        if (start < text.length() && text.charAt(start) == '{') {
            int close = text.indexOf('}', start);
            return close < 0 ? start : close + 1;
        }
        int end = start;
        while (end < text.length() && inName(text.charAt(end))) {
            end++;
            if (end == start + 1 && Character.isDigit(text.charAt(start))) {
                break;
            }
        }
        return end;
    }

    private static String bare(String name) {
        return name.startsWith("{") && name.endsWith("}")
                ? name.substring(1, name.length() - 1)
                : name;
    }

    private static @Nullable TemplatePart part(String name, boolean captures) {
        if (name.length() == 1 && name.charAt(0) >= '0' && name.charAt(0) <= '9') {
            return captures ? new TemplatePart.Capture(name.charAt(0) - '0') : null;
        }
        TemplatePart.Name variable = VARIABLES.get(name);
        if (variable != null) {
            return new TemplatePart.Variable(variable);
        }
        if (name.length() > 64 || !name.chars().allMatch(c -> inName((char) c))) {
            return null;
        }
        if (name.startsWith("http_") && name.length() > 5) {
            return new TemplatePart.Header(
                    name.substring(5).replace('_', '-').toLowerCase(Locale.ROOT));
        }
        if (name.startsWith("cookie_") && name.length() > 7) {
            return new TemplatePart.Cookie(name.substring(7));
        }
        if (name.startsWith("arg_") && name.length() > 4) {
            return new TemplatePart.Argument(name.substring(4));
        }
        return null;
    }

    private static boolean inName(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_';
    }
}
