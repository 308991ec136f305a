package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.Request;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An answer of our own on the wire: status, our fields, and a short body in the form the client asked
 * for. Tells the request id and nothing internal.
 */
final class ErrorPage {

    private enum Form {
        TEXT("text/plain; charset=utf-8"),
        HTML("text/html; charset=utf-8"),
        JSON("application/json");

        private final String type;

        Form(String type) {
            this.type = type;
        }
    }

    private ErrorPage() {}

    /**
     * @param request null: its head could not be read
     * @param id the request's id; empty: none
     * @param edits what policies add to every response of the route
     * @return bytes of the body as written: none to HEAD
     */
    static int write(
            HeadWriter out,
            Answer answer,
            @Nullable Request request,
            String id,
            Settings settings,
            FieldEdits edits,
            byte[] date,
            boolean close) {
        if (request != null && GrpcStatus.is(answer) && request.isCall()) {
            writeCall(out, answer, id, settings, edits, date);
            return 0;
        }
        Form form = form(request == null ? null : request.header("accept"));
        boolean bodiless = answer.status() == 204 || answer.status() == 304;
        byte[] body =
                answer.text().isEmpty() || bodiless
                        ? new byte[0]
                        : body(form, answer, id).getBytes(StandardCharsets.UTF_8);
        out.begin().ascii("HTTP/1.1 ").number(answer.status()).ascii(" ");
        out.ascii(phrase(answer.status())).crlf();
        settings.serverHeader().ifPresent(server -> out.field("Server", server));
        out.ascii("Date: ").raw(date).crlf();
        if (body.length > 0) {
            out.ascii("Content-Type: ").ascii(form.type).crlf();
        }
        if (!bodiless) {
            out.ascii("Content-Length: ").number(body.length).crlf();
        }
        if (!id.isEmpty() && answer.status() >= 400) {
            out.field("X-Request-Id", id);
        }
        fields(out, answer, edits);
        if (close) {
            out.ascii("Connection: close\r\n");
        }
        out.crlf();
        if (request == null || !request.method().equals("HEAD")) {
            out.raw(body);
            return body.length;
        }
        return 0;
    }

    /** A gRPC call's: status 200 and no body; the head ends the stream. */
    private static void writeCall(
            HeadWriter out,
            Answer answer,
            String id,
            Settings settings,
            FieldEdits edits,
            byte[] date) {
        out.begin().ascii("HTTP/1.1 200 OK\r\n");
        settings.serverHeader().ifPresent(server -> out.field("Server", server));
        out.ascii("Date: ").raw(date).crlf();
        out.field("Content-Type", GrpcStatus.CONTENT_TYPE);
        GrpcStatus.writeTo(out, answer);
        out.field("X-Request-Id", id);
        fields(out, answer, edits);
        out.crlf();
    }

    private static void fields(HeadWriter out, Answer answer, FieldEdits edits) {
        for (Header field : answer.headers()) {
            if (!edits.replaces(field.name().toLowerCase(Locale.ROOT))) {
                out.field(field.name(), field.value());
            }
        }
        edits.writeTo(out);
    }

    private static String body(Form form, Answer answer, String id) {
        String title = answer.status() + " " + phrase(answer.status());
        return switch (form) {
            case TEXT ->
                    title
                            + "\n"
                            + answer.text()
                            + (id.isEmpty() ? "\n" : "\nRequest id: " + id + "\n");
            case HTML ->
                    "<!doctype html><title>"
                            + title
                            + "</title><h1>"
                            + title
                            + "</h1><p>"
                            + html(answer.text())
                            + (id.isEmpty() ? "" : "</p><p>Request id: " + html(id))
                            + "</p>\n";
            case JSON ->
                    "{\"status\":"
                            + answer.status()
                            + ",\"message\":\""
                            + json(answer.text())
                            + (id.isEmpty() ? "" : "\",\"requestId\":\"" + json(id))
                            + "\"}\n";
        };
    }

    /** The first of the three that the client names; a wildcard is content with text. */
    private static Form form(@Nullable String accept) {
        if (accept == null) {
            return Form.TEXT;
        }
        for (String range : accept.toLowerCase(Locale.ROOT).split(",", 32)) {
            String type = range.split(";", 2)[0].strip();
            if (type.equals("application/json") || type.endsWith("+json")) {
                return Form.JSON;
            }
            if (type.equals("text/html") || type.equals("application/xhtml+xml")) {
                return Form.HTML;
            }
            if (type.equals("text/plain")) {
                return Form.TEXT;
            }
        }
        return Form.TEXT;
    }

    private static String html(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String json(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= ' ') {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** RFC 9110 15; a phrase is decoration. */
    static String phrase(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 100 -> "Continue";
            case 101 -> "Switching Protocols";
            case 103 -> "Early Hints";
            case 201 -> "Created";
            case 202 -> "Accepted";
            case 204 -> "No Content";
            case 206 -> "Partial Content";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 303 -> "See Other";
            case 304 -> "Not Modified";
            case 307 -> "Temporary Redirect";
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 406 -> "Not Acceptable";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 410 -> "Gone";
            case 411 -> "Length Required";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 415 -> "Unsupported Media Type";
            case 416 -> "Range Not Satisfiable";
            case 417 -> "Expectation Failed";
            case 421 -> "Misdirected Request";
            case 422 -> "Unprocessable Content";
            case 426 -> "Upgrade Required";
            case 428 -> "Precondition Required";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 451 -> "Unavailable For Legal Reasons";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            case 508 -> "Loop Detected";
            default -> status < 300 ? "OK" : status < 400 ? "Redirect" : "Error";
        };
    }
}
