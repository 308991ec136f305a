package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.Head;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.message.Answer;
import java.nio.charset.StandardCharsets;

/**
 * What an answer of our own is called in gRPC, whose errors are fields of a response with HTTP status
 * 200 ("gRPC over HTTP2"; the table is its "HTTP to gRPC Status Code Mapping", and for what that leaves
 * open the code whose meaning fits).
 */
final class GrpcStatus {
    static final String CONTENT_TYPE = "application/grpc";

    /** The call's own deadline passed. */
    static final Answer DEADLINE =
            Answer.of(504, "The deadline of the call passed.", "grpc-deadline");

    private static final int MOST_DIGITS = 9;

    private static final int UNKNOWN = 2;
    private static final int DEADLINE_EXCEEDED = 4;
    private static final int PERMISSION_DENIED = 7;
    private static final int RESOURCE_EXHAUSTED = 8;
    private static final int UNIMPLEMENTED = 12;
    private static final int INTERNAL = 13;
    private static final int UNAVAILABLE = 14;
    private static final int UNAUTHENTICATED = 16;

    private GrpcStatus() {}

    /** Whether it is an error: a redirect is left as it is. */
    static boolean is(Answer answer) {
        return answer.status() >= 400;
    }

    static int code(Answer answer) {
        if (answer == DEADLINE) {
            return DEADLINE_EXCEEDED;
        }
        return switch (answer.status()) {
            case 400, 500, 508 -> INTERNAL;
            case 401 -> UNAUTHENTICATED;
            case 403 -> PERMISSION_DENIED;
            case 404, 405, 501 -> UNIMPLEMENTED;
            case 408 -> DEADLINE_EXCEEDED;
            case 413, 431 -> RESOURCE_EXHAUSTED;
            case 429, 502, 503, 504 -> UNAVAILABLE;
            default -> UNKNOWN;
        };
    }

    /**
     * The status that a backend's head or trailers say.
     *
     * @return -1: none, or none that is a number
     */
    static int of(Head fields) {
        String value = fields.header("grpc-status");
        if (value == null || value.isEmpty() || value.length() > MOST_DIGITS) {
            return -1;
        }
        int code = 0;
        for (int i = 0; i < value.length(); i++) {
            int digit = value.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            code = code * 10 + digit;
        }
        return code;
    }

    /** The lines that say it. */
    static void writeTo(HeadWriter out, Answer answer) {
        out.ascii("grpc-status: ").number(code(answer)).crlf();
        out.field("grpc-message", message(answer.text()));
    }

    /** What ends a response that has begun. */
    static Trailers trailers(Answer answer) {
        Trailers trailers = new Trailers();
        line(trailers, "grpc-status", Integer.toString(code(answer)));
        line(trailers, "grpc-message", message(answer.text()));
        trailers.end();
        return trailers;
    }

    private static void line(Trailers into, String name, String value) {
        byte[] bytes = (name + ": " + value + "\r\n").getBytes(StandardCharsets.US_ASCII);
        into.line(bytes, 0, bytes.length, name.length(), FieldName.OTHER);
    }

    /** Percent-encoded, but for visible ASCII and blanks. */
    private static String message(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 127 && b != '%') {
                out.append((char) b);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(Character.forDigit(b >> 4 & 15, 16)))
                        .append(Character.toUpperCase(Character.forDigit(b & 15, 16)));
            }
        }
        return out.toString();
    }
}
