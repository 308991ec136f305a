/**
 * The controller's process: its settings and the wiring of its parts. Whoever wants to know what
 * talks to what reads {@link dev.fairway.controller.Main} from top to bottom.
 */
@NullMarked
package dev.fairway.controller;

import org.jspecify.annotations.NullMarked;
