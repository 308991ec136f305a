package dev.fairway.dataplane.proxy;

import java.net.InetSocketAddress;

/**
 * A listener of the snapshot, bound.
 *
 * @param name the snapshot's name for it
 * @param publicPort what clients see
 * @param tls whether a handshake comes first
 * @param address where it is bound; port 0: any
 */
public record BoundListener(String name, int publicPort, boolean tls, InetSocketAddress address) {}
