/** The exchange between client and upstream; pools; drain. */
@NullMarked
package dev.fairway.dataplane.proxy;

import org.jspecify.annotations.NullMarked;
