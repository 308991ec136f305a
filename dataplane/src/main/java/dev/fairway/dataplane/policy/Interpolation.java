package dev.fairway.dataplane.policy;

import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.Template;
import dev.fairway.contract.TemplatePart;
import dev.fairway.dataplane.message.Request;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Fills templates in for the requests of one route. Values go in as they are: whoever puts the result
 * into a URL, a path or a header checks it there.
 */
final class Interpolation {
    private static final String[] NO_CAPTURES = {};

    private final Route.Origin origin;
    private final String locationPath;
    private final String hostName;

    /**
     * @param hostName this machine's, {@code $hostname}
     */
    Interpolation(Route route, String hostName) {
        this.origin = route.origin();
        this.locationPath =
                switch (route.path()) {
                    case PathMatch.Exact(String path) -> path;
                    case PathMatch.Prefix(String path) -> path;
                    case PathMatch.StringPrefix(String path) -> path;
                    case PathMatch.Regex(String pattern, boolean _) -> pattern;
                    case PathMatch.Any() -> "/";
                };
        this.hostName = hostName;
    }

    String fill(Template template, Request request) {
        return fill(template, request, NO_CAPTURES);
    }

    /**
     * @param captures groups of the route's pattern; those beyond the array are empty
     */
    String fill(Template template, Request request, String[] captures) {
        StringBuilder text = new StringBuilder();
        for (TemplatePart part : template.parts()) {
            text.append(
                    switch (part) {
                        case TemplatePart.Text(String literal) -> literal;
                        case TemplatePart.Capture(int group) ->
                                group < captures.length ? captures[group] : "";
                        case TemplatePart.Variable(TemplatePart.Name name) -> value(name, request);
                        case TemplatePart.Header(String name) ->
                                orEmpty(request.header(name.replace('_', '-')));
                        case TemplatePart.Cookie(String name) -> orEmpty(request.cookie(name));
                        case TemplatePart.Argument(String name) -> argument(request.query(), name);
                    });
        }
        return text.toString();
    }

    private String value(TemplatePart.Name name, Request request) {
        return switch (name) {
            case SCHEME -> request.scheme();
            case HOST, SERVER_NAME -> request.host();
            case HTTP_HOST, BEST_HTTP_HOST -> request.authority();
            case HOSTNAME -> hostName;
            case REQUEST_URI -> request.canonicalTarget();
            case ESCAPED_REQUEST_URI -> Escapes.component(request.canonicalTarget());
            case URI, DOCUMENT_URI -> request.path();
            case ARGS, QUERY_STRING -> request.query();
            case IS_ARGS -> request.query().isEmpty() ? "" : "?";
            case REQUEST_METHOD -> request.method();
            case REQUEST_ID, REQ_ID -> request.id();
            case REMOTE_ADDR -> request.clientAddressText();
            case BINARY_REMOTE_ADDR ->
                    new String(request.clientAddress(), StandardCharsets.ISO_8859_1);
            case REMOTE_USER -> remoteUser(request);
            case PROXY_ADD_X_FORWARDED_FOR -> forwardedFor(request);
            case SERVER_PORT -> Integer.toString(request.listenerPort());
            case CONTENT_TYPE -> orEmpty(request.header("content-type"));
            case CONTENT_LENGTH -> orEmpty(request.header("content-length"));
            case NAMESPACE -> origin.namespace();
            case INGRESS_NAME -> origin.ingress();
            case SERVICE_NAME -> origin.service();
            case SERVICE_PORT -> origin.servicePort();
            case LOCATION_PATH -> locationPath;
        };
    }

    /** As nginx: who the Authorization header names, authenticated or not. */
    private static String remoteUser(Request request) {
        BasicCredentials given = BasicCredentials.of(request.header("authorization"));
        return given == null ? "" : given.user();
    }

    private static String forwardedFor(Request request) {
        String before = String.join(", ", request.headers("x-forwarded-for"));
        return before.isEmpty()
                ? request.clientAddressText()
                : before + ", " + request.clientAddressText();
    }

    /** The first parameter of this name, in any case, as written (nginx's {@code $arg_NAME}). */
    private static String argument(String query, String name) {
        for (int from = 0; from <= query.length(); ) {
            int end = query.indexOf('&', from);
            end = end < 0 ? query.length() : end;
            int equals = from + name.length();
            if (equals < end
                    && query.charAt(equals) == '='
                    && query.regionMatches(true, from, name, 0, name.length())) {
                return query.substring(equals + 1, end);
            }
            from = end + 1;
        }
        return "";
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
