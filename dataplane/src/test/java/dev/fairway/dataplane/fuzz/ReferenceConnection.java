package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.message.Header;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What {@code Connection} says (RFC 9110 7.6.1, attack ledger E8).
 *
 * @param options in lower case
 */
record ReferenceConnection(Set<String> options, boolean faulty) {

    private static final Pattern BLANKS = Pattern.compile("^[ \t]+|[ \t]+$");
    private static final Pattern TOKEN = Pattern.compile(ReferenceHead.TOKEN);

    /** Names of one line. */
    private static final int MAX_NAMES = 32;

    /** What no client may have removed, and what the engine acts on by itself. */
    private static final Set<String> KEPT =
            Set.of(
                    ("host content-length transfer-encoding connection keep-alive proxy-connection te trailer"
                                    + " upgrade http2-settings expect proxy authorization cookie forwarded"
                                    + " x-request-id x-real-ip x-forwarded-for x-forwarded-host x-forwarded-port"
                                    + " x-forwarded-proto x-forwarded-scheme x-scheme x-original-forwarded-for"
                                    + " x-original-forwarded-host date server set-cookie")
                            .split(" "));

    static ReferenceConnection of(List<String> lines) {
        Set<String> options = new TreeSet<>();
        boolean faulty = false;
        for (String line : lines) {
            int names = 0;
            for (String element : line.split(",", -1)) {
                String name = BLANKS.matcher(element).replaceAll("");
                if (name.isEmpty()) {
                    continue;
                }
                faulty |= !TOKEN.matcher(name).matches() || ++names > MAX_NAMES;
                options.add(name.toLowerCase(Locale.ROOT));
            }
        }
        return new ReferenceConnection(options, faulty);
    }

    /** The fields it leaves. */
    List<Header> leaves(List<Header> fields) {
        List<Header> left = new ArrayList<>(fields);
        left.removeIf(f -> options.contains(f.name()) && !KEPT.contains(f.name()));
        return left;
    }
}
