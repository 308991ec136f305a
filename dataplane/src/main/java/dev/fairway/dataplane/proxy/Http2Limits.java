package dev.fairway.dataplane.proxy;

import java.time.Duration;

/**
 * Of HTTP/2 client connections (reference/kubernetes.md section 7, attack ledger 3.3). Sizes of heads and
 * bodies, and how slow a client may be, are {@link ProxyLimits.Client}'s for every protocol.
 *
 * @param streamWindow what a client may send of one request's body before a backend took any of it
 * @param connectionWindow and of all its requests' bodies together
 * @param resets how many streams a client may reset, or make us reset, in each {@code resetWindow}:
 *     opening and cancelling costs it nothing (C1, C2)
 * @param controlFrames how many PINGs and the like may come in a row; each frame of a request or
 *     response earns one more, ten seconds a hundredth of them each (C8)
 * @param controlQueued how many frames of ours may wait for a client that takes none (C8)
 * @param prioritiesPerStream PRIORITY means nothing any more (C8)
 * @param updatesPerFrame how many WINDOW_UPDATE each DATA frame of ours may cause (C8)
 * @param emptyFrames how many DATA frames in a row may be empty (C8)
 * @param settingsAck how long a client may take to acknowledge our SETTINGS (RFC 9113 6.5.3)
 * @param windowStall how long a client may leave no window for what waits for it (C9)
 * @param streamIdle how long nothing may happen on a stream, unless its route waits longer for a backend
 * @param streamBuffer what waits of one response for the client's window; then its backend waits (C9)
 * @param connectionBuffer and of all responses of a connection together
 */
public record Http2Limits(
        int streamWindow,
        int connectionWindow,
        int resets,
        Duration resetWindow,
        int controlFrames,
        int controlQueued,
        int prioritiesPerStream,
        int updatesPerFrame,
        int emptyFrames,
        Duration settingsAck,
        Duration windowStall,
        Duration streamIdle,
        int streamBuffer,
        int connectionBuffer) {

    public static final Http2Limits DEFAULTS =
            new Http2Limits(
                    64 * 1024,
                    1 << 20,
                    100,
                    Duration.ofSeconds(10),
                    1_000,
                    1_000,
                    100,
                    10,
                    1,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(300),
                    64 * 1024,
                    1 << 20);
}
