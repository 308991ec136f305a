package dev.fairway.contract;

/** A piece of a {@link Template}; names are those of ingress-nginx's variables. */
public sealed interface TemplatePart {

    /** Literal text without control characters. */
    record Text(String text) implements TemplatePart {
        public Text {
            Valid.text(text, "template text", 8192);
        }
    }

    /** {@code $1} to {@code $9}: a group of the route's {@link PathMatch.Regex}; 0 is the match. */
    record Capture(int group) implements TemplatePart {
        public Capture {
            Valid.that(group >= 0 && group <= 9, "no such group: %d", group);
        }
    }

    /** A value of the request or its route. */
    record Variable(Name name) implements TemplatePart {}

    /** {@code $http_NAME}: a request header, first line; empty when absent. Lower case, dashes. */
    record Header(String name) implements TemplatePart {
        public Header {
            Valid.token(name, "header name");
        }
    }

    /** {@code $cookie_NAME}. */
    record Cookie(String name) implements TemplatePart {
        public Cookie {
            Valid.token(name, "cookie name");
        }
    }

    /** {@code $arg_NAME}: a query parameter, as written in the query. */
    record Argument(String name) implements TemplatePart {
        public Argument {
            Valid.text(name, "argument name", 256);
        }
    }

    /** In the order of ingress-nginx's documentation; the constant is the variable upper-cased. */
    enum Name {
        SCHEME,
        HOST,
        HTTP_HOST,
        BEST_HTTP_HOST,
        HOSTNAME,
        REQUEST_URI,
        ESCAPED_REQUEST_URI,
        URI,
        DOCUMENT_URI,
        ARGS,
        QUERY_STRING,
        IS_ARGS,
        REQUEST_METHOD,
        REQUEST_ID,
        REQ_ID,
        REMOTE_ADDR,
        BINARY_REMOTE_ADDR,
        REMOTE_USER,
        PROXY_ADD_X_FORWARDED_FOR,
        SERVER_NAME,
        SERVER_PORT,
        CONTENT_TYPE,
        CONTENT_LENGTH,
        NAMESPACE,
        INGRESS_NAME,
        SERVICE_NAME,
        SERVICE_PORT,
        LOCATION_PATH
    }
}
