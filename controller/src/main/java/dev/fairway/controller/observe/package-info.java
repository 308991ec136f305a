/**
 * What the controller says about itself: log lines, metrics, health, problems. Reads values the
 * other packages hand it; decides nothing.
 */
@NullMarked
package dev.fairway.controller.observe;

import org.jspecify.annotations.NullMarked;
