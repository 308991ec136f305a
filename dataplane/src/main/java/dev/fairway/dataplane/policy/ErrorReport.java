package dev.fairway.dataplane.policy;

import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.Request;

/** Tells a default backend what went wrong: the headers of ingress-nginx's custom errors. */
final class ErrorReport {
    private ErrorReport() {}

    static void set(int status, Route.Origin origin, PolicyContext context) {
        Request request = context.request();
        String accept = request.header("accept");
        context.setUpstreamHeader("x-code", Integer.toString(status));
        context.setUpstreamHeader("x-format", accept == null ? "" : accept);
        context.setUpstreamHeader("x-original-uri", request.target());
        context.setUpstreamHeader("x-namespace", origin.namespace());
        context.setUpstreamHeader("x-ingress-name", origin.ingress());
        context.setUpstreamHeader("x-service-name", origin.service());
        context.setUpstreamHeader("x-service-port", origin.servicePort());
        context.setUpstreamHeader("x-request-id", request.id());
    }
}
