package dev.fairway.controller.compile;

import com.google.re2j.Pattern;
import dev.fairway.contract.HostMatch;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A rule's host as it is written → what it matches. */
final class HostName {
    private HostName() {}

    private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
    private static final Pattern NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*");
    private static final int MAX_CHARS = 253;

    /** Absent for what is no DNS name: ports, addresses, {@code *} alone, stars elsewhere. */
    static Optional<HostMatch> parse(@Nullable String written) {
        if (written == null || written.isEmpty()) {
            return Optional.of(new HostMatch.Any());
        }
        String host = written.toLowerCase(Locale.ROOT);
        boolean wildcard = host.startsWith("*.");
        String name = wildcard ? host.substring(2) : host;
        if (host.length() > MAX_CHARS || !NAME.matches(name)) {
            return Optional.empty();
        }
        String last = name.substring(name.lastIndexOf('.') + 1);
        if (last.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty(); // an IPv4 address: no top-level name is a number
        }
        return Optional.of(wildcard ? new HostMatch.Wildcard(name) : new HostMatch.Exact(name));
    }

    /** The name as certificates and logs have it; empty for any host. */
    static String text(HostMatch host) {
        return switch (host) {
            case HostMatch.Exact exact -> exact.name();
            case HostMatch.Wildcard wildcard -> "*." + wildcard.suffix();
            case HostMatch.Any _ -> "";
        };
    }
}
