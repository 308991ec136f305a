/**
 * The exchange between client and upstream; pools; drain.
 *
 * <p>{@link dev.fairway.dataplane.proxy.ProxyServer} owns the event loops and listeners. Each loop has
 * one {@code Loop}: deadlines, idle upstream connections, heads to reuse. An {@code Entrance} lets
 * a client in, its {@code ClientConnection} takes one request after another or its
 * {@code Http2Connection} many at once, an {@code Exchange} asks the route's plan, a {@code Delivery} brings the
 * request to a backend over an {@code UpstreamStream}; all of them live on one loop, so nothing is
 * locked. Shared between loops are only {@code Connections} (counts), {@code LimitCounters} and whether
 * a drain has begun.
 *
 * <p>A client's {@code Forwarded} field reaches the backend only from a trusted peer; {@code Via} is
 * neither added nor looked at; a request that goes round in circles is known by its {@code CDN-Loop}.
 */
@NullMarked
package dev.fairway.dataplane.proxy;

import org.jspecify.annotations.NullMarked;
