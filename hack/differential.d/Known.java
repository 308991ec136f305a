import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Differences that are no misunderstanding, each with its reason. What is refused whole, with the
 * connection closed or the next request intact, smuggles nothing.
 *
 * @param servers which ones, by name
 * @param matches the forwarded request and what was said of it
 */
record Known(Set<String> servers, String reason, BiPredicate<Report, String> matches) {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND");

    private static final List<Known> ALL = List.of(
            new Known(Set.of("node", "gunicorn", "nginx", "lighttpd"), "refuses, whole, a method it does not know", (r, said) -> refused(said) && !METHODS.contains(r.method())),
            new Known(
                    Set.of("jetty", "tomcat"),
                    "refuses, whole, a target with characters that RFC 3986 leaves out, or an encoding that is not UTF-8 or that its own path handling could take two ways",
                    (r, said) -> refused(said) && r.target().matches(".*([\"<>^`{|}\\[\\]]|%25|%2F|%[89A-F]|/;).*")),
            new Known(Set.of("apache", "jetty", "lighttpd"), "refuses, whole, a host with port 0", (r, said) -> refused(said) && host(r).endsWith(":0")),
            new Known(Set.of("lighttpd", "tomcat"), "refuses, whole, a host name that is none in the DNS", (r, said) -> refused(said) && !host(r).matches("[A-Za-z0-9]([A-Za-z0-9.-]*)(:[0-9]*)?")),
            new Known(Set.of("lighttpd"), "refuses, whole, a GET or HEAD with a body", (r, said) -> refused(said) && r.method().matches("GET|HEAD") && hasBody(r)),
            new Known(Set.of("lighttpd"), "refuses, whole, a POST that tells no length (RFC 9110 8.6 allows it)", (r, said) -> said.equals("refused: 411") && !hasBody(r)),
            new Known(Set.of("jetty"), "answers without reading a body that it was asked to expect, and closes", (r, said) -> said.equals("next request unanswered") && r.fields().containsKey("expect")),
            new Known(Set.of("lighttpd", "jetty"), "writes the host in another case: lower, or as it had it before", (r, said) -> hostTakenAs(host(r), r, said)),
            new Known(Set.of("lighttpd"), "writes the host without its final dot or the port 80", (r, said) -> hostTakenAs(host(r).replaceFirst("\\.?(:80)?$", ""), r, said)),
            new Known(Set.of("haproxy"), "refuses, whole, a WebSocket handshake without its key", (r, said) -> refused(said) && "websocket".equalsIgnoreCase(r.fields().get("upgrade")) && !r.fields().containsKey("sec-websocket-key")),
            new Known(Set.of("uvicorn"), "ASGI can't tell an empty query from none", (r, said) -> said.equals("target " + r.target().replaceFirst("\\?$", "") + " for " + r.target())));

    private static boolean refused(String said) {
        return said.startsWith("refused: 4") || said.equals("refused: 501");
    }

    private static String host(Report request) {
        return request.fields().getOrDefault("host", "");
    }

    /** That it saw another host than was sent, and that this one is as good. */
    private static boolean hostTakenAs(String good, Report request, String said) {
        return said.equalsIgnoreCase("host " + good + " for " + host(request));
    }

    private static boolean hasBody(Report request) {
        return request.fields().containsKey("content-length") || request.fields().containsKey("transfer-encoding");
    }

    /** Null: not known. */
    static String reason(String server, Report sample, String said) {
        for (Known known : ALL) {
            if (known.servers.contains(server) && known.matches.test(sample, said)) {
                return known.reason;
            }
        }
        return null;
    }

    /** Fields that a proxy writes anew. */
    static Set<String> notCompared(String server) {
        return server.equals("lighttpd") ? Set.of("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-host", "forwarded", "via") : Set.of();
    }
}
