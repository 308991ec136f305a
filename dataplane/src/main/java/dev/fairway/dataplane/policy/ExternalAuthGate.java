package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy.ExternalAuth;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.message.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Asks another server whether a request may pass (nginx's auth_request as ingress-nginx sets it up):
 * 2xx allows, 401 and 403 deny, everything else, no answer included, is 500. The question is built
 * from the same canonical request that is forwarded (attack ledger E10).
 */
final class ExternalAuthGate implements Gate {
    private static final Verdict FORBIDDEN =
            new Verdict.Deny(Answer.of(403, "You may not do this.", "auth-denied"));
    private static final Verdict FAILED =
            new Verdict.Broken(Answer.of(500, "Authentication failed to answer.", "auth-failed"));

    /** Fields of the connection or the body, and those that we say ourselves or must not repeat. */
    private static final Set<String> NOT_PASSED =
            Set.of(
                    "host",
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "content-length",
                    "expect",
                    "proxy",
                    "forwarded",
                    "x-forwarded-for",
                    "x-forwarded-proto",
                    "x-forwarded-host",
                    "x-forwarded-port",
                    "x-forwarded-scheme",
                    "x-scheme",
                    "x-real-ip",
                    "x-request-id",
                    "x-original-url",
                    "x-original-uri",
                    "x-original-method",
                    "x-sent-from",
                    "x-auth-request-redirect");

    private final ExternalAuth policy;
    private final List<String> responseHeaders;
    private final Set<String> dropped;
    private final Interpolation interpolation;
    private final Subrequests subrequests;

    ExternalAuthGate(ExternalAuth policy, Interpolation interpolation, Subrequests subrequests) {
        this.policy = policy;
        this.interpolation = interpolation;
        this.subrequests = subrequests;
        subrequests.prepare();
        this.responseHeaders =
                policy.responseHeaders().stream().map(n -> n.toLowerCase(Locale.ROOT)).toList();
        this.dropped = new HashSet<>(NOT_PASSED);
        this.dropped.addAll(responseHeaders);
        // These carry what the server is asked to judge, also where it answers with new ones.
        this.dropped.remove("authorization");
        this.dropped.remove("cookie");
    }

    /** Only the auth server's word may reach the backend under these names (attack ledger E11). */
    @Override
    public void prepare(PolicyContext context) {
        responseHeaders.forEach(context::dropUpstreamHeader);
    }

    @Override
    public Verdict check(PolicyContext context) {
        Request request = context.request();
        String url = Escapes.illegal(interpolation.fill(policy.url(), request));
        Subrequests.Call call =
                new Subrequests.Call(policy.method().orElse("GET"), url, headers(request));
        return new Verdict.Later(
                subrequests
                        .send(call)
                        .handleAsync(
                                (reply, failure) ->
                                        failure != null ? FAILED : judge(reply, context),
                                context.loop()));
    }

    private List<Header> headers(Request request) {
        List<Header> headers = new ArrayList<>();
        Set<String> hopByHop = named(request.headers("connection"));
        for (Header field : request.fields()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            if (!dropped.contains(name) && !hopByHop.contains(name)) {
                headers.add(new Header(name, field.value()));
            }
        }
        String address = request.clientAddressText();
        headers.add(new Header("x-request-id", request.id()));
        if (policy.method().isPresent()) {
            headers.add(new Header("x-original-uri", request.canonicalTarget()));
            headers.add(new Header("x-scheme", request.scheme()));
        }
        headers.add(
                new Header(
                        "x-original-url",
                        request.scheme() + "://" + authority(request) + request.canonicalTarget()));
        headers.add(new Header("x-original-method", request.method()));
        headers.add(new Header("x-sent-from", "nginx-ingress-controller"));
        headers.add(new Header("x-real-ip", address));
        headers.add(new Header("x-forwarded-for", address));
        headers.add(
                new Header(
                        "x-auth-request-redirect",
                        policy.requestRedirect()
                                .map(template -> interpolation.fill(template, request))
                                .orElse(request.canonicalTarget())));
        return headers;
    }

    private static Set<String> named(List<String> connection) {
        Set<String> names = new HashSet<>();
        for (String line : connection) {
            Arrays.stream(line.split(","))
                    .map(name -> name.strip().toLowerCase(Locale.ROOT))
                    .forEach(names::add);
        }
        // A client must not hide its credentials from the judge (attack ledger E8).
        names.remove("authorization");
        names.remove("cookie");
        return names;
    }

    private Verdict judge(Subrequests.Reply reply, PolicyContext context) {
        int status = reply.status();
        if (status >= 200 && status < 300) {
            for (String name : responseHeaders) {
                String value = reply.header(name);
                if (value != null && !value.isEmpty()) {
                    context.setUpstreamHeader(name, value);
                }
            }
            reply.all("set-cookie").forEach(v -> context.addResponseHeader("Set-Cookie", v));
            return Verdict.ALLOW;
        }
        return switch (status) {
            case 401 -> new Verdict.Deny(unauthorized(reply, context.request()));
            case 403 -> FORBIDDEN;
            default -> FAILED;
        };
    }

    private Answer unauthorized(Subrequests.Reply reply, Request request) {
        List<Header> headers = new ArrayList<>();
        if (policy.signIn().isEmpty()) {
            reply.all("www-authenticate")
                    .forEach(v -> headers.add(new Header("WWW-Authenticate", v)));
            return new Answer(401, headers, "Authentication is required.", "auth-required");
        }
        String location =
                signIn(
                        interpolation.fill(policy.signIn().get(), request),
                        policy.redirectParameter(),
                        request);
        headers.add(new Header("Location", Escapes.illegal(location)));
        reply.all("set-cookie").forEach(v -> headers.add(new Header("Set-Cookie", v)));
        return new Answer(302, headers, "", "auth-sign-in");
    }

    /** Appends the way back, unless the URL has one. */
    private static String signIn(String url, String parameter, Request request) {
        int mark = url.indexOf('?');
        String query = mark < 0 ? "" : url.substring(mark + 1);
        for (String pair : query.split("&")) {
            if (pair.startsWith(parameter + "=") && pair.length() > parameter.length() + 1) {
                return url;
            }
        }
        String joint = mark < 0 ? "?" : query.isEmpty() ? "" : "&";
        return url
                + joint
                + parameter
                + "="
                + request.scheme()
                + "://"
                + authority(request)
                + Escapes.component(request.canonicalTarget());
    }

    /** The canonical host and, where the client gave one, its port; nothing else it wrote. */
    private static String authority(Request request) {
        return request.host() + ClientAuthority.port(request);
    }
}
