package dev.fairway.dataplane.policy;

import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.message.Request;

/** Tells a default backend what went wrong: the headers of ingress-nginx's custom errors. */
final class ErrorReport {
    private ErrorReport() {}

    static void set(int status, Route.Origin origin, PolicyContext context) {
        Request request = context.request();
        String accept = request.header("accept");
        say(context, "x-code", Integer.toString(status));
        say(context, "x-format", accept == null ? "" : accept);
        say(context, "x-original-uri", request.target());
        say(context, "x-namespace", origin.namespace());
        say(context, "x-ingress-name", origin.ingress());
        say(context, "x-service-name", origin.service());
        say(context, "x-service-port", origin.servicePort());
        say(context, "x-request-id", request.id());
    }

    /** As nginx: an empty value is not sent, and neither is the client's. */
    private static void say(PolicyContext context, String name, String value) {
        if (value.isEmpty()) {
            context.dropUpstreamHeader(name);
        } else {
            context.setUpstreamHeader(name, value);
        }
    }
}
