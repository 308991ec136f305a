/** Kubernetes in: reconcilers and caches, or a folder of manifests; one consistent read of all of them. */
@NullMarked
package dev.fairway.controller.watch;

import org.jspecify.annotations.NullMarked;
