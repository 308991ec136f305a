package dev.fairway.dataplane.message;

import java.util.List;

/**
 * An answer of our own. The engine adds Date, Server, length, request id and, when {@code text} is
 * not empty, a short body in the form the client accepts (JSON, HTML or text).
 *
 * @param status the final status
 * @param headers further fields
 * @param text one sentence for the body, nothing internal; empty: no body
 * @param reason a fixed word for log and metric, such as {@code rate-limited}
 */
public record Answer(int status, List<Header> headers, String text, String reason) {
    public Answer {
        headers = List.copyOf(headers);
    }

    public static Answer of(int status, String text, String reason) {
        return new Answer(status, List.of(), text, reason);
    }
}
