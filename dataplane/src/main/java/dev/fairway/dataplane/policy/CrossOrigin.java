package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy.Cors;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.FixedHeader;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * CORS (the Fetch standard, section 3.2) as ingress-nginx speaks it: every OPTIONS of an allowed
 * origin is answered here with 204. For {@code *} the answer is a literal star, never an echo: browsers
 * then refuse to send credentials, which an echo to everybody would hand out.
 */
final class CrossOrigin {
    private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";
    private static final FixedHeader ANYBODY = new FixedHeader(ALLOW_ORIGIN, "*");

    private final Cors policy;
    private final boolean anybody;
    private final List<FixedHeader> onEvery;
    private final List<Header> onPreflight;

    CrossOrigin(Cors policy) {
        this.policy = policy;
        this.anybody = policy.origins().stream().anyMatch(Cors.Origin.Any.class::isInstance);
        List<Header> every = new ArrayList<>();
        List<Header> preflight = new ArrayList<>();
        if (policy.credentials()) {
            every.add(new Header("Access-Control-Allow-Credentials", "true"));
        }
        preflight.addAll(every);
        add(preflight, "Access-Control-Allow-Methods", policy.methods());
        add(preflight, "Access-Control-Allow-Headers", policy.headers());
        add(preflight, "Access-Control-Expose-Headers", policy.exposed());
        preflight.add(
                new Header("Access-Control-Max-Age", Long.toString(policy.maxAge().toSeconds())));
        add(every, "Access-Control-Expose-Headers", policy.exposed());
        this.onEvery =
                (policy.headersOnEveryResponse() ? preflight : every)
                        .stream()
                                .map(field -> new FixedHeader(field.name(), field.value()))
                                .toList();
        this.onPreflight = List.copyOf(preflight);
    }

    private static void add(List<Header> to, String name, List<String> values) {
        if (!values.isEmpty()) {
            to.add(new Header(name, String.join(", ", values)));
        }
    }

    /** The answer to a preflight; null when the request is none or its origin is not allowed. */
    @Nullable Answer preflight(Request request) {
        String origin = request.method().equals("OPTIONS") ? allowed(request) : null;
        if (origin == null) {
            return null;
        }
        List<Header> headers = new ArrayList<>(onPreflight.size() + 3);
        headers.add(new Header(ALLOW_ORIGIN, origin));
        headers.addAll(onPreflight);
        headers.add(new Header("Content-Type", "text/plain charset=UTF-8"));
        if (!anybody) {
            headers.add(new Header("Vary", "Origin"));
        }
        return new Answer(204, headers, "", "cors-preflight");
    }

    void respond(PolicyContext context) {
        Request request = context.request();
        String origin = allowed(request);
        if (origin != null && request.method().equals("OPTIONS")) {
            return; // the preflight's answer has them already
        }
        if (!anybody) {
            context.addResponseHeader("Vary", "Origin");
        }
        if (origin != null) {
            if (anybody) {
                context.setResponseHeader(ANYBODY);
            } else {
                context.setResponseHeader(ALLOW_ORIGIN, origin);
            }
            for (int i = 0; i < onEvery.size(); i++) {
                context.setResponseHeader(onEvery.get(i));
            }
        }
    }

    /** What Access-Control-Allow-Origin says; null when the origin is not allowed. */
    private @Nullable String allowed(Request request) {
        if (anybody) {
            return "*";
        }
        String origin = request.header("origin");
        if (origin == null) {
            return null;
        }
        for (Cors.Origin each : policy.origins()) {
            boolean matches =
                    switch (each) {
                        case Cors.Origin.Any() -> true;
                        case Cors.Origin.Exact(String value) -> value.equalsIgnoreCase(origin);
                        case Cors.Origin.Wildcard(String scheme, String suffix) ->
                                oneLabel(origin, scheme + "://", "." + bare(suffix));
                    };
            if (matches) {
                return origin;
            }
        }
        return null;
    }

    private static String bare(String suffix) {
        return suffix.startsWith(".") ? suffix.substring(1) : suffix;
    }

    /** {@code scheme://LABEL.suffix}, where the label is one, as ingress-nginx's pattern has it. */
    private static boolean oneLabel(String origin, String start, String end) {
        String text = origin.toLowerCase(Locale.ROOT);
        int length = text.length() - start.length() - end.length();
        if (length <= 0
                || !text.startsWith(start.toLowerCase(Locale.ROOT))
                || !text.endsWith(end.toLowerCase(Locale.ROOT))) {
            return false;
        }
        String label = text.substring(start.length(), start.length() + length);
        return label.chars()
                .allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
}
