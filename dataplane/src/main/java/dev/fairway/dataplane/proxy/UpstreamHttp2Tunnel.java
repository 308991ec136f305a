package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a stream to an HTTP/2 backend becomes with a 2xx to its extended CONNECT (RFC 8441 5): DATA frames
 * are the tunnel's bytes, END_STREAM is the end of a side. Owned by its connection's loop.
 */
final class UpstreamHttp2Tunnel implements TunnelEnd {
    private final UpstreamHttp2Stream stream;

    /** Null once the tunnel has ended, or this end has. */
    private @Nullable Tunnel tunnel;

    UpstreamHttp2Tunnel(UpstreamHttp2Stream stream) {
        this.stream = stream;
    }

    // What the tunnel says.

    @Override
    public void open(Tunnel through) {
        tunnel = through;
    }

    @Override
    public void write(ByteBuf bytes) {
        stream.requestData(bytes);
    }

    @Override
    public boolean congested() {
        return stream.congested();
    }

    @Override
    public void autoRead(boolean on) {
        if (on) {
            stream.resume();
        } else {
            stream.pause();
        }
    }

    @Override
    public void close() {
        tunnel = null;
        stream.endTunnel();
    }

    @Override
    public void closeAfterWrites() {
        tunnel = null;
        stream.endTunnelAfterWrites();
    }

    // What the stream says.

    /** Takes the bytes over. */
    void data(ByteBuf bytes) {
        Tunnel through = tunnel;
        if (through == null) {
            bytes.release();
        } else {
            through.fromUpstream(bytes);
        }
    }

    void writable() {
        Tunnel through = tunnel;
        if (through != null) {
            through.upstreamWritable();
        }
    }

    /** The backend's side has ended, or the stream is no more. */
    void ended() {
        Tunnel through = tunnel;
        if (through == null) {
            stream.endTunnel();
        } else {
            through.upstreamClosed();
        }
    }
}
