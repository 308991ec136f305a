/** Certificates by server name; TLS to backends. */
@NullMarked
package dev.fairway.dataplane.tls;

import org.jspecify.annotations.NullMarked;
