/**
 * HTTP/1.1 wire bytes to and from the canonical request; strict, in place, without header objects.
 *
 * <p>A head is copied once into an array that is reused, and described by offsets; it is forwarded as
 * spans of those validated bytes. Bodies pass as slices. What is ambiguous is refused, never repaired:
 * the attack ledger's section 3.2 is the specification, {@code RequestStrictnessTest} and {@code
 * ResponseStrictnessTest} its tables.
 *
 * <p>Where the RFCs leave a choice: {@code OPTIONS *} is answered here with 200; HTTP/1.0 connections
 * end with their response, whatever they ask; an empty port ({@code host:}) is refused; bytes from 0x80
 * on are percent-encoded in a path and left alone in a query; of upgrades only a single protocol that
 * is not h2c, HTTP or TLS is tunnelled, and only for a request without a body.
 */
@NullMarked
package dev.fairway.dataplane.http1;

import org.jspecify.annotations.NullMarked;
