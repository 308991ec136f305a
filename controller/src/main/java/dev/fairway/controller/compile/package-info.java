/** Cluster objects to a routing snapshot: a pure function, without client, clock, log or environment. */
@NullMarked
package dev.fairway.controller.compile;

import org.jspecify.annotations.NullMarked;
