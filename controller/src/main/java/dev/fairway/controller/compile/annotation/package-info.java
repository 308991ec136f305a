/** One typed reader for each feature: a name, a grammar, an error text. */
@NullMarked
package dev.fairway.controller.compile.annotation;

import org.jspecify.annotations.NullMarked;
