/**
 * The data plane's process: its settings, its wiring from top to bottom in one place, its start and
 * its end.
 */
@NullMarked
package dev.fairway.dataplane;

import org.jspecify.annotations.NullMarked;
