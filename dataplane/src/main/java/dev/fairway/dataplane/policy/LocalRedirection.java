package dev.fairway.dataplane.policy;

import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.Request;
import java.util.List;

/** To another host or path of ours; never to one that the client made up (attack ledger E13). */
final class LocalRedirection {
    private final Route.Action.Redirect to;

    LocalRedirection(Route.Action.Redirect to) {
        this.to = to;
    }

    Answer answer(Request request) {
        if (request.host().isEmpty()) {
            return Answer.of(400, "A host is needed.", "no-host");
        }
        String port = ClientAuthority.port(request);
        String location =
                request.scheme()
                        + "://"
                        + to.host().orElse(request.host())
                        + port
                        + to.path().orElse(request.target());
        return new Answer(
                to.status(), List.of(new Header("Location", location)), "", "local-redirect");
    }
}
