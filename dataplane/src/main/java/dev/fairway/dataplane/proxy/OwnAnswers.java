package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import java.util.List;

/** What an exchange answers of itself, where no policy says it. */
final class OwnAnswers {
    private static final List<Header> SOON = List.of(new Header("Retry-After", "1"));

    // Before any backend is asked.
    static final Answer OVERLOAD = new Answer(503, SOON, "Too much is under way.", "overload");
    static final Answer LOOP = Answer.of(508, "The route leads back here.", "loop");
    static final Answer NO_SNAPSHOT = Answer.of(503, "Not ready yet.", "no-snapshot");
    static final Answer ASTERISK = Answer.of(200, "", "options-asterisk");
    static final Answer NO_ROUTE = Answer.of(404, "Nothing is served here.", "no-route");
    static final Answer MISDIRECTED =
            Answer.of(421, "This connection was made for another host.", "misdirected");
    static final Answer BODY_TOO_LARGE =
            Answer.of(413, "The request body is too large.", "body-too-large");

    // No backend serves it.
    static final Answer NO_ENDPOINT =
            new Answer(503, SOON, "No backend is available.", "no-endpoint");
    static final Answer CIRCUIT_OPEN =
            new Answer(503, SOON, "The backend is busy.", "circuit-open");
    static final Answer UPGRADE_TO_HTTP2 =
            Answer.of(
                    502, "The backend speaks HTTP/2 and takes no WebSockets.", "upgrade-to-http2");
    static final Answer WEBSOCKET_KEY =
            Answer.of(400, "The WebSocket's key is missing or malformed.", "websocket-key");
    static final Answer BROKEN_OFF =
            Answer.of(502, "The backend's answer broke off.", "upstream-broken");

    // A fault of ours, or of a policy.
    static final Answer GATE_FAILED =
            Answer.of(500, "The request could not be processed.", "gate-failed");
    static final Answer INTERNAL_ERROR =
            Answer.of(500, "The request could not be processed.", "internal-error");

    private OwnAnswers() {}

    /** A backend answered with this status, and the error page for it could not be got. */
    static Answer withoutErrorPage(int status) {
        return Answer.of(status, "The backend answered so.", "error-page-failed");
    }

    /** No attempt is left. */
    static Answer undeliverable(UpstreamFault last) {
        return Answer.of(last.status(), last.text(), last.reason());
    }
}
