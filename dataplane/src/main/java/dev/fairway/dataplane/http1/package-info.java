/** HTTP/1.1 wire bytes to and from the canonical request; strict, in place, without header objects. */
@NullMarked
package dev.fairway.dataplane.http1;

import org.jspecify.annotations.NullMarked;
