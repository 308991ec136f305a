package dev.fairway.echo;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One request as it came: the target untouched, header names in lower case, order and repetition kept.
 *
 * @param trailers what followed a chunked body
 */
record Request(
        String remote,
        String method,
        String target,
        String version,
        List<Header> headers,
        long bodyLength,
        List<Header> trailers) {

    record Header(String name, String value) {
        static Header parse(String line) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("header without a name: " + line);
            }
            return new Header(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
    }

    Request {
        headers = List.copyOf(headers);
        trailers = List.copyOf(trailers);
    }

    Optional<String> header(String name) {
        return headers.stream().filter(h -> h.name().equals(name)).map(Header::value).findFirst();
    }

    boolean has(String name, String token) {
        return headers.stream()
                .filter(h -> h.name().equals(name))
                .anyMatch(h -> h.value().toLowerCase(Locale.ROOT).contains(token));
    }

    boolean keepAlive() {
        return version.equals("HTTP/1.1")
                ? !has("connection", "close")
                : has("connection", "keep-alive");
    }

    String path() {
        int question = target.indexOf('?');
        return question < 0 ? target : target.substring(0, question);
    }

    /** The query's pairs in order, decoded. */
    List<Header> query() {
        int question = target.indexOf('?');
        if (question < 0 || question == target.length() - 1) {
            return List.of();
        }
        return List.of(target.substring(question + 1).split("&")).stream()
                .map(pair -> pair.split("=", 2))
                .map(pair -> new Header(decode(pair[0]), pair.length > 1 ? decode(pair[1]) : ""))
                .toList();
    }

    Optional<String> query(String name) {
        return query().stream().filter(q -> q.name().equals(name)).map(Header::value).findFirst();
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
