package dev.fairway.dataplane.generation;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.policy.RoutePlan;
import org.jspecify.annotations.Nullable;

/**
 * Everything built from one snapshot. A request keeps the generation it started with; a tunnel lets
 * go of it after 101.
 */
public interface Generation {

    Settings settings();

    /**
     * @param host canonical host bytes (lower case, no port), ASCII
     * @param path canonical path bytes
     * @return null: nothing matches, 404
     */
    @Nullable RoutePlan route(byte[] host, int hostLength, byte[] path, int pathLength);

    long epoch();

    long sequence();
}
