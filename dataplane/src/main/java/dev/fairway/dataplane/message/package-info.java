/** The one canonical request, whatever protocol it came by, and answers of our own. */
@NullMarked
package dev.fairway.dataplane.message;

import org.jspecify.annotations.NullMarked;
