package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The backend's end of a {@link Tunnel}: an HTTP/1 connection after its 101, or a stream of an HTTP/2
 * connection after the answer to its extended CONNECT. All calls are on the tunnel's loop.
 */
abstract class TunnelEnd {

    /** Null before it is open, and once it has ended or this end has. */
    private @Nullable Tunnel tunnel;

    // What the tunnel says.

    /** From now on bytes pass. */
    final void open(Tunnel through) {
        tunnel = through;
    }

    /** Takes the bytes over. */
    abstract void write(ByteBuf bytes);

    abstract boolean congested();

    /** Whether the client takes what comes. */
    abstract void autoRead(boolean on);

    /** The backend has ended its side, or nothing it says matters any more. */
    final void close() {
        tunnel = null;
        end();
    }

    /** Closes once the client's last bytes are out, or have not gone for too long. */
    final void closeAfterWrites() {
        tunnel = null;
        endAfterWrites();
    }

    /** Nothing more goes or comes; may be said again. */
    abstract void end();

    /** As {@link #end}, once what was written is out. */
    abstract void endAfterWrites();

    // What the backend says.

    /** Takes the bytes over. */
    final void came(ByteBuf bytes) {
        Tunnel through = tunnel;
        if (through == null) {
            bytes.release();
        } else {
            through.fromUpstream(bytes);
        }
    }

    /** The backend takes more. */
    final void writable() {
        Tunnel through = tunnel;
        if (through != null) {
            through.upstreamWritable();
        }
    }

    /** The backend's side has ended, or what carries it is no more. */
    final void ended() {
        Tunnel through = tunnel;
        if (through == null) {
            end();
        } else {
            through.upstreamClosed();
        }
    }
}
