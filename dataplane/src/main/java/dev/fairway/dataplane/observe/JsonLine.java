package dev.fairway.dataplane.observe;

import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.RoutePlan;
import java.time.Instant;

/** The same facts as {@link NginxLine} as one JSON object, named, and where the answer came from. */
final class JsonLine implements AccessLogFormat {

    @Override
    public void line(FinishedExchange exchange, StringBuilder out) {
        JsonText json = new JsonText(out);
        json.open();
        json.text("time", Instant.ofEpochMilli(exchange.endedAtMillis()).toString());
        Request request = exchange.request();
        if (request != null) {
            json.text("client", request.clientAddressText());
            json.text("user", exchange.remoteUser());
            json.text("scheme", request.scheme());
            json.text("host", request.host());
            json.text("method", request.method());
            json.text("target", request.target());
            json.text("protocol", request.protocol());
            json.text("referer", request.header("referer"));
            json.text("agent", request.header("user-agent"));
            json.text("id", request.id());
        }
        json.number("status", exchange.status());
        if (exchange.grpcStatus() >= 0) {
            json.number("grpcStatus", exchange.grpcStatus());
        }
        json.text("reason", exchange.reason());
        json.number("requestBytes", exchange.requestBytes());
        json.number("responseBytes", exchange.responseBytes());
        json.number("responseBodyBytes", exchange.responseBodyBytes());
        json.seconds("seconds", exchange.durationNanos());
        RoutePlan plan = exchange.plan();
        if (plan != null) {
            Route.Origin origin = plan.route().origin();
            json.text("namespace", origin.namespace());
            json.text("ingress", origin.ingress());
            json.text("service", origin.service());
            json.text("servicePort", origin.servicePort());
        }
        attempts(exchange, json);
        json.close();
    }

    private static void attempts(FinishedExchange exchange, JsonText json) {
        json.openList("attempts");
        for (int i = 0; i < exchange.attempts(); i++) {
            json.open();
            json.text("address", exchange.attemptAddress(i));
            json.number("status", exchange.attemptStatus(i));
            json.number("bodyBytes", exchange.attemptBytes(i));
            json.seconds("seconds", exchange.attemptNanos(i));
            json.close();
        }
        json.closeList();
    }
}
