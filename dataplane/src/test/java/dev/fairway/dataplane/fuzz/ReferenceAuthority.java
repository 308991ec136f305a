package dev.fairway.dataplane.fuzz;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Host and port as a client may name them (attack ledger B16). */
final class ReferenceAuthority {
    private static final Pattern FORM =
            Pattern.compile(
                    "([A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*\\.?|\\[[0-9A-Fa-f:.]{2,}])(?::([0-9]{1,5}))?");

    private ReferenceAuthority() {}

    /** The canonical host; null: refused. */
    static @Nullable String host(String authority) {
        Matcher form = FORM.matcher(authority);
        if (authority.length() > 255 || !form.matches()) {
            return null;
        }
        if (form.group(2) != null && Integer.parseInt(form.group(2)) > 65535) {
            return null;
        }
        String host = form.group(1).toLowerCase(Locale.ROOT);
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
