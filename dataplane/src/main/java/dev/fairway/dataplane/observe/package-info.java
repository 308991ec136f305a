/** Outcomes, metrics, access log, admin pages. */
@NullMarked
package dev.fairway.dataplane.observe;

import org.jspecify.annotations.NullMarked;
