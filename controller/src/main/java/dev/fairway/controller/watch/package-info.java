/**
 * Cluster objects in: a cluster's caches, or a folder of manifests, as one {@link
 * dev.fairway.controller.watch.World}; and the loop that turns each change into a publication.
 *
 * <p>Two things run in cluster mode, on purpose apart. <b>The caches and the loop</b> are informers
 * that we own: only so are a cache's revision (for watermarks), its error handling (retry for ever)
 * and its end (exit) in our hand, and only so is there a snapshot when no {@code DataPlane} object
 * exists, for which an operator framework has nothing to reconcile. <b>The {@code DataPlane}
 * object</b> is a java-operator-sdk reconciler's primary resource; a publication is its secondary
 * event. What operates workloads later becomes a dependent of that reconciler.
 */
@NullMarked
package dev.fairway.controller.watch;

import org.jspecify.annotations.NullMarked;
