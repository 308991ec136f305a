package dev.fairway.dataplane.tls;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which identity answers a server name: its own binding, else that of {@code *.} and the rest after
 * the first label, else the default. A binding without an identity refuses; so does a name without a
 * binding where there is no default. Immutable.
 */
public final class CertificateTable {
    public static final CertificateTable EMPTY = new CertificateTable(Map.of(), null);

    /** By exact name or {@code *.suffix}; an empty value refuses. */
    private final Map<String, Optional<ServerIdentity>> byName;

    private final @Nullable ServerIdentity otherwise;

    CertificateTable(
            Map<String, Optional<ServerIdentity>> byName, @Nullable ServerIdentity otherwise) {
        this.byName = Map.copyOf(byName);
        this.otherwise = otherwise;
    }

    /**
     * @param serverName as the client sent it; null: it sent none
     * @return null: refuse with unrecognized_name (RFC 6066 section 3)
     */
    @Nullable ServerIdentity find(@Nullable String serverName) {
        if (serverName == null) {
            return otherwise;
        }
        String name = canonical(serverName);
        Optional<ServerIdentity> bound = byName.get(name);
        int dot = name.indexOf('.');
        if (bound == null && dot > 0) {
            bound = byName.get("*" + name.substring(dot));
        }
        return bound == null ? otherwise : bound.orElse(null);
    }

    /** Every identity once. */
    Collection<ServerIdentity> identities() {
        Set<ServerIdentity> all = new LinkedHashSet<>();
        byName.values().forEach(bound -> bound.ifPresent(all::add));
        ServerIdentity last = otherwise;
        if (last != null) {
            all.add(last);
        }
        return all;
    }

    /** When the certificate of each bound name ends, in seconds since 1970; for the metrics. */
    public Map<String, Long> expiries() {
        Map<String, Long> expiries = new HashMap<>();
        byName.forEach((name, bound) ->
                bound.ifPresent(
                        identity -> expiries.put(name, identity.expiry().getEpochSecond())));
        ServerIdentity last = otherwise;
        if (last != null) {
            expiries.put("", last.expiry().getEpochSecond());
        }
        return expiries;
    }

    private static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
