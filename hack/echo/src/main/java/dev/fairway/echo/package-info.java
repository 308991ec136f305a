/**
 * A sample backend: says in JSON what request reached it, and misbehaves on demand (statuses, delays, resets, trailers,
 * WebSocket). {@code hack/run}, the end-to-end tests and the pods of the cluster use it as upstream. HTTP/1.1 is read and
 * written by hand on blocking sockets and virtual threads, so that what the proxy sent is shown as it came; HTTP/2 and gRPC,
 * on a port of their own, by Netty's codec. Not hardened:
 * it never faces anything but a test.
 */
@NullMarked
package dev.fairway.echo;

import org.jspecify.annotations.NullMarked;
