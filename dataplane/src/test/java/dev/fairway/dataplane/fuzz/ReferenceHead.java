package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.message.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of a head (RFC 9112 2.2 and 5, attack ledger B10 to B14, B24).
 *
 * @param startLine without its line end
 * @param fields names in lower case, values trimmed
 * @param faults what may be answered; empty: it is well-formed
 * @param end where the body begins; -1: the head is not complete
 */
record ReferenceHead(String startLine, List<Header> fields, Set<Integer> faults, int end) {
    static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final String VALUE = "[\\t\\x20-\\x7e\\x80-\\xff]*?";
    private static final Pattern FIELD =
            Pattern.compile("(" + TOKEN + "):[ \\t]*(" + VALUE + ")[ \\t]*");

    /**
     * @param emptyLines how many may stand before the start line
     * @param longStart what is answered to a start line that is too long
     */
    static ReferenceHead read(String in, HeadLimits limits, int emptyLines, int longStart) {
        List<Header> fields = new ArrayList<>();
        Set<Integer> faults = new TreeSet<>();
        String start = null;
        int empty = 0;
        int at = 0;
        int end = -1;
        while (end < 0 && faults.isEmpty()) {
            int lineFeed = in.indexOf('\n', at);
            String rest = in.substring(at, lineFeed < 0 ? in.length() : lineFeed);
            String line = rest.endsWith("\r") ? rest.substring(0, rest.length() - 1) : rest;
            // Unfinished, its last byte may be the CR of its end.
            int most = limits.lineBytes() + (lineFeed < 0 && line.equals(rest) ? 1 : 0);
            if (line.length() > most) {
                faults.add(start == null ? longStart : 431);
            }
            if (lineFeed < 0) {
                if (!faults.isEmpty() || in.length() > limits.headBytes()) {
                    faults.add(400); // it may be hopeless already
                }
                break;
            }
            if (!rest.endsWith("\r")) {
                faults.add(400);
            }
            int next = lineFeed + 1;
            if (line.isEmpty() && start != null) {
                end = next;
            } else if (line.isEmpty()) {
                if (++empty > emptyLines) {
                    faults.add(400);
                }
            } else if (start == null) {
                start = line;
                if (line.chars().anyMatch(c -> c < 32 || c == 127)) {
                    faults.add(400);
                }
            } else {
                Matcher field = FIELD.matcher(line);
                if (field.matches()) {
                    fields.add(new Header(field.group(1).toLowerCase(Locale.ROOT), field.group(2)));
                } else {
                    faults.add(400);
                }
                if (fields.size() > limits.fields()) {
                    faults.add(431);
                }
            }
            at = next;
        }
        if ((end < 0 ? in.length() : end) > limits.headBytes()) {
            faults.add(431);
            faults.add(longStart);
        }
        return new ReferenceHead(start == null ? "" : start, fields, faults, end);
    }

    List<String> values(String name) {
        return fields.stream().filter(f -> f.name().equals(name)).map(Header::value).toList();
    }
}
