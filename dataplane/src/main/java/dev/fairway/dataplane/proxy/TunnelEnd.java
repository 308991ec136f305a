package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;

/**
 * The backend's end of a {@link Tunnel}: an HTTP/1 connection after its 101, or a stream of an HTTP/2
 * connection after the answer to its extended CONNECT. All calls are on the tunnel's loop.
 */
interface TunnelEnd {

    /** From now on bytes pass. */
    void open(Tunnel through);

    /** Takes the bytes over. */
    void write(ByteBuf bytes);

    boolean congested();

    /** Whether the client takes what comes. */
    void autoRead(boolean on);

    /** The backend has ended its side, or nothing it says matters any more. */
    void close();

    /** Closes once the client's last bytes are out, or have not gone for too long. */
    void closeAfterWrites();
}
