/** The custom resource with which an operator declares a data plane. */
@NullMarked
package dev.fairway.contract.resource;

import org.jspecify.annotations.NullMarked;
