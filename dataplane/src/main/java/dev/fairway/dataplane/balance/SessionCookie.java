package dev.fairway.dataplane.balance;

import dev.fairway.contract.Policy.Affinity;
import dev.fairway.dataplane.message.Request;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes Set-Cookie (RFC 6265 section 4.1), attributes in the order of ingress-nginx. */
final class SessionCookie {
    private static final DateTimeFormatter IMF_FIXDATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /** A century: beyond it browsers cut the date anyway, and a year has four digits. */
    private static final long LONGEST_SECONDS = 100L * 365 * 24 * 3600;

    private final Affinity.Cookie settings;

    SessionCookie(Affinity.Cookie settings) {
        this.settings = settings;
    }

    String name() {
        return settings.name();
    }

    String line(String value, Request request, long wallMillis) {
        StringBuilder line = new StringBuilder(128);
        line.append(settings.name()).append('=').append(value);
        settings.expires()
                .ifPresent(s -> line.append("; Expires=").append(date(wallMillis / 1000, s)));
        settings.maxAge().ifPresent(s -> line.append("; Max-Age=").append(s.longValue()));
        settings.domain().ifPresent(domain -> line.append("; Domain=").append(domain));
        line.append("; Path=").append(settings.path());
        if (settings.secure().orElse(request.secure())) {
            line.append("; Secure");
        }
        line.append("; HttpOnly");
        String sameSite = sameSite(request.header("user-agent"));
        if (sameSite != null) {
            line.append("; SameSite=").append(sameSite);
        }
        return line.toString();
    }

    private @Nullable String sameSite(@Nullable String userAgent) {
        if (settings.sameSite().isEmpty()) {
            return null;
        }
        return switch (settings.sameSite().get()) {
            case STRICT -> "Strict";
            case LAX -> "Lax";
            case NONE ->
                    settings.conditionalSameSiteNone() && rejectsNone(userAgent) ? null : "None";
        };
    }

    /**
     * Browsers that drop a cookie with SameSite=None or take it for Strict: ingress-nginx's reading of
     * chromium.org/updates/same-site/incompatible-clients.
     */
    static boolean rejectsNone(@Nullable String userAgent) {
        if (userAgent == null) {
            return false;
        }
        return userAgent.contains("Chrome/4")
                || userAgent.contains("Chrome/5")
                || userAgent.contains("Chrome/6")
                || userAgent.contains("CPU iPhone OS 12")
                || userAgent.contains("iPad; CPU OS 12")
                || (userAgent.contains("Macintosh")
                        && userAgent.contains("Intel Mac OS X 10_14")
                        && userAgent.contains("Safari")
                        && !userAgent.contains("Chrome"));
    }

    private static String date(long now, long seconds) {
        long bounded = Math.clamp(seconds, -LONGEST_SECONDS, LONGEST_SECONDS);
        return IMF_FIXDATE.format(Instant.ofEpochSecond(Math.max(0, now + bounded)));
    }
}
