/** The compiled form of each route's policies, run in one fixed, documented order. */
@NullMarked
package dev.fairway.dataplane.policy;

import org.jspecify.annotations.NullMarked;
