/** Pickers, and the endpoint registry that outlives generations; plain Java. */
@NullMarked
package dev.fairway.dataplane.balance;

import org.jspecify.annotations.NullMarked;
