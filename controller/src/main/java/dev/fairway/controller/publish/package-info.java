/** Out: shared config behind two carriers, Ingress status, Events. */
@NullMarked
package dev.fairway.controller.publish;

import org.jspecify.annotations.NullMarked;
