package dev.fairway.dataplane.balance;

import dev.fairway.dataplane.message.PolicyContext;
import org.jspecify.annotations.Nullable;

/** One request's session. Owned by the exchange's loop. */
final class StickySession implements Selection {
    private final StickySessions sessions;
    private final @Nullable String session;
    private StickySessions.@Nullable Fresh begun;

    /**
     * @param session from a valid cookie; null: none
     */
    StickySession(StickySessions sessions, @Nullable String session) {
        this.sessions = sessions;
        this.session = session;
    }

    @Override
    public @Nullable Endpoint pick(Tried tried) {
        begun = null;
        Endpoint pinned = session == null ? null : sessions.pinned(session);
        if (pinned != null && !(sessions.changeOnFailure() && failed(pinned, tried))) {
            return pinned; // also when it has just failed: the session is there and nowhere else
        }
        begun = sessions.begin(tried);
        return begun.endpoint();
    }

    private static boolean failed(Endpoint pinned, Tried tried) {
        return tried.size() > 0 || pinned.health().ejected();
    }

    @Override
    public void answered(Endpoint endpoint, PolicyContext context) {
        if (begun != null && begun.endpoint() == endpoint && begun.value() != null) {
            context.addResponseHeader(
                    "Set-Cookie", sessions.setCookie(begun.value(), context.request()));
        }
    }
}
