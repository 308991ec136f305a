package dev.fairway.contract.resource;

import org.jspecify.annotations.Nullable;

/**
 * What was published last for this data plane.
 *
 * @param epoch the leadership under which it was published
 * @param sequence rises with each publication of an epoch
 * @param hosts how many virtual hosts the snapshot has
 * @param routes how many routes
 * @param problems how many problems the compiler reported
 */
public record DataPlaneStatus(
        @Nullable Long epoch,
        @Nullable Long sequence,
        @Nullable Integer hosts,
        @Nullable Integer routes,
        @Nullable Integer problems) {}
