package dev.fairway.dataplane.proxy;

import java.time.Duration;

/**
 * The bounds of HTTP/2 connections to backends (reference/kubernetes.md section 7, on this side).
 *
 * @param streams open at once on one connection, or fewer as the backend says; then another is made
 * @param streamWindow what a backend may send of one response before the client has taken it
 * @param connectionWindow and of all of them; given back as it comes, so that a slow client holds up
 *     nobody else's response
 * @param idle how long a connection without a stream is kept: its end is announced, so that it may be
 *     longer than HTTP/1's
 * @param verifyAfter a connection silent for longer is asked by PING before its next stream: a host
 *     that vanished says nothing. No PING otherwise: gRPC servers take more of them for abuse
 * @param verifyWithin how long the answer may take
 * @param settle how long a new connection waits for the backend's SETTINGS, which say how many streams
 *     it takes, before its first stream
 * @param control frames that carry nothing of a message, beyond those that messages account for, in one
 *     period
 * @param resets of streams whose response had not ended, in one period: beyond it the connection takes
 *     no more streams
 * @param period of the two
 */
public record UpstreamHttp2Limits(
        int streams,
        int streamWindow,
        int connectionWindow,
        Duration idle,
        Duration verifyAfter,
        Duration verifyWithin,
        Duration settle,
        int control,
        int resets,
        Duration period) {

    public static final UpstreamHttp2Limits DEFAULTS =
            new UpstreamHttp2Limits(
                    100,
                    64 * 1024,
                    1024 * 1024,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(100),
                    1000,
                    100,
                    Duration.ofSeconds(10));
}
