package dev.fairway.dataplane.policy;

import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code rewrite-target: /in/$1} on {@code /(.*)}, for tests of other packages. */
public final class Rewriting {
    private final PathRewrite rewrite;

    public Rewriting() {
        Route route =
                new Route(
                        "rewritten",
                        new Route.Origin("ns", "ingress", "service", "80"),
                        new PathMatch.Regex("/(.*)", true),
                        new Route.Action.Answer(404),
                        List.of());
        rewrite =
                new PathRewrite(
                        new Policy.Rewrite(Plans.template("/in/", 1)),
                        route,
                        new Interpolation(route, "here"));
    }

    /** What the backend is asked for; null: refused. */
    public @Nullable String path(Request request) {
        PathRewrite.Result result = rewrite.apply(request);
        return result == null ? null : result.path();
    }
}
