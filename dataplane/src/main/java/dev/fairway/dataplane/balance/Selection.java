package dev.fairway.dataplane.balance;

import dev.fairway.dataplane.message.PolicyContext;
import org.jspecify.annotations.Nullable;

/** Picks the endpoint of each attempt of one request. */
public interface Selection {

    /**
     * @param tried endpoints this request has already failed on; empty at first
     * @return the next endpoint, or null when the backend has none that may be used
     */
    @Nullable Endpoint pick(Tried tried);

    /** A response head came from this endpoint: Set-Cookie and the like. */
    default void answered(Endpoint endpoint, PolicyContext context) {}
}
