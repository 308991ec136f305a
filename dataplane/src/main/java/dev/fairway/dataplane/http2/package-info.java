/**
 * HTTP/2 wire bytes to and from heads in HTTP/1's form; strict, and without an object per frame, field or
 * table entry. Plain: no channel, no stream state. Each connection, of either side, has
 *
 * <ul>
 *   <li>a {@link dev.fairway.dataplane.http2.FrameReader}, given every received buffer; it calls its
 *       {@code Receiver}, which has the streams, and stops for good at a connection error;
 *   <li>an {@link dev.fairway.dataplane.http2.HpackDecoder}: {@code FieldBlock.begin(part, head, limits)},
 *       {@code decode(block, from, to, fields)} for <em>every</em> block, also of streams that are gone (false:
 *       COMPRESSION_ERROR), then {@code fields.request(…)}, {@code response()} or {@code trailers()}. The head is
 *       then as {@code HeadScanner} would have left it; {@code RequestHead.interpretStream} and {@code
 *       ResponseHead.received} read framing and the rest;
 *   <li>an {@link dev.fairway.dataplane.http2.HpackEncoder}: takes what a {@code HeadWriter} holds, a request
 *       or response head, or trailer lines, into a {@code HeaderBlock} that {@link
 *       dev.fairway.dataplane.http2.FrameWriter#headers} frames;
 *   <li>{@link dev.fairway.dataplane.http2.PeerSettings}; {@code tableBytes} goes to the encoder.
 * </ul>
 *
 * {@code FieldBlock} and {@code HeaderBlock} keep nothing between blocks: one of each per event loop. Flow
 * control windows are ints of whoever has the stream; {@code Http2.mayGrow} is their one rule.
 *
 * <p>What makes a message malformed (RFC 9113 8.1.1) is {@code Fault.MALFORMED}, to be reset with
 * PROTOCOL_ERROR; other faults are answered. Header tables are 4 KiB in both directions. The attack
 * ledger's section 3.3 is the specification.
 */
@NullMarked
package dev.fairway.dataplane.http2;

import org.jspecify.annotations.NullMarked;
