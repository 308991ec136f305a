package dev.fairway.dataplane.observe;

import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RoutePlan;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The line that ingress-nginx's users parse, its log format {@code upstreaminfo}: client, user, time,
 * request line, status, body bytes, referer, agent, request length and time, upstream name,
 * alternative upstream, then address, length, time and status of each attempt, and the request id.
 * Escaped as nginx does: quote, backslash, and everything outside printable ASCII become {@code
 * \xHH} (attack ledger A17).
 */
final class NginxLine implements AccessLogFormat {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();
    private static final int LONGEST_FIELD = 4_096;

    /** The same for every line of a second; replaced by whichever loop comes first. */
    private volatile Second second = new Second(-1, "");

    private record Second(long number, String text) {}

    @Override
    public void line(FinishedExchange exchange, StringBuilder out) {
        Request request = exchange.request();
        value(request == null ? "" : request.clientAddressText(), out);
        out.append(" - ");
        value(exchange.remoteUser(), out);
        out.append(" [").append(time(exchange.endedAtMillis())).append("] \"");
        if (request != null) {
            escaped(request.method(), out);
            out.append(' ');
            escaped(request.target(), out);
            out.append(' ');
            escaped(request.protocol(), out);
        }
        out.append("\" ").append(exchange.status());
        out.append(' ').append(exchange.responseBodyBytes()).append(" \"");
        value(request == null ? null : request.header("referer"), out);
        out.append("\" \"");
        value(request == null ? null : request.header("user-agent"), out);
        out.append("\" ").append(exchange.requestBytes()).append(' ');
        seconds(exchange.durationNanos(), out);
        out.append(" [");
        upstream(exchange.plan(), out);
        out.append("] [] ");
        attempts(exchange, out);
        out.append(' ');
        value(request == null ? null : request.id(), out);
    }

    private static void upstream(@Nullable RoutePlan plan, StringBuilder out) {
        if (plan == null || plan.route().origin().service().isEmpty()) {
            out.append('-');
            return;
        }
        Route.Origin origin = plan.route().origin();
        escaped(origin.namespace(), out);
        out.append('-');
        escaped(origin.service(), out);
        out.append('-');
        escaped(origin.servicePort(), out);
    }

    private static void attempts(FinishedExchange exchange, StringBuilder out) {
        int attempts = exchange.attempts();
        if (attempts == 0) {
            out.append("- - - -");
            return;
        }
        for (int i = 0; i < attempts; i++) {
            next(i, out).append(exchange.attemptAddress(i));
        }
        out.append(' ');
        for (int i = 0; i < attempts; i++) {
            next(i, out).append(exchange.attemptBytes(i));
        }
        out.append(' ');
        for (int i = 0; i < attempts; i++) {
            seconds(exchange.attemptNanos(i), next(i, out));
        }
        out.append(' ');
        for (int i = 0; i < attempts; i++) {
            int status = exchange.attemptStatus(i);
            next(i, out);
            if (status == 0) {
                out.append('-');
            } else {
                out.append(status);
            }
        }
    }

    private static StringBuilder next(int attempt, StringBuilder out) {
        return attempt == 0 ? out : out.append(", ");
    }

    private String time(long millis) {
        long number = millis / 1_000;
        Second now = second;
        if (now.number() != number) {
            now = new Second(number, TIME.format(Instant.ofEpochSecond(number)));
            second = now;
        }
        return now.text();
    }

    private static void seconds(long nanos, StringBuilder out) {
        long millis = Math.max(0, nanos) / 1_000_000;
        out.append(millis / 1_000).append('.');
        long rest = millis % 1_000;
        if (rest < 100) {
            out.append(rest < 10 ? "00" : "0");
        }
        out.append(rest);
    }

    private static void value(@Nullable String text, StringBuilder out) {
        if (text == null || text.isEmpty()) {
            out.append('-');
        } else {
            escaped(text, out);
        }
    }

    private static void escaped(String text, StringBuilder out) {
        int end = Math.min(text.length(), LONGEST_FIELD);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
                out.append(c);
            } else if (c < 0x100) {
                hex(c, out);
            } else {
                // Only our own configuration holds more than bytes.
                out.append("\\u").append(HEX[c >> 12]).append(HEX[c >> 8 & 15]);
                out.append(HEX[c >> 4 & 15]).append(HEX[c & 15]);
            }
        }
    }

    private static void hex(char c, StringBuilder out) {
        out.append("\\x").append(HEX[c >> 4]).append(HEX[c & 15]);
    }
}
