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
    private static final Set<String> ANY = Set.of("nginx", "apache", "haproxy", "lighttpd", "node", "go", "gunicorn", "uvicorn", "jetty", "tomcat");

    private static final List<Known> ALL = List.of();

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
        return server.equals("lighttpd") ? Set.of("x-forwarded-for", "x-forwarded-proto", "x-host", "forwarded", "via") : Set.of();
    }
}
