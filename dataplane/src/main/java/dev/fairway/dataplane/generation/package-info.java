/** Everything built from one snapshot, swapped by one volatile write. */
@NullMarked
package dev.fairway.dataplane.generation;

import org.jspecify.annotations.NullMarked;
