/** Host and path matching on bytes; immutable, plain Java. */
@NullMarked
package dev.fairway.dataplane.route;

import org.jspecify.annotations.NullMarked;
