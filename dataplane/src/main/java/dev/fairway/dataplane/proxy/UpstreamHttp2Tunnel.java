package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;

/**
 * What a stream to an HTTP/2 backend becomes with a 2xx to its extended CONNECT (RFC 8441 5): DATA frames
 * are the tunnel's bytes, END_STREAM is the end of a side. Owned by its connection's loop.
 */
final class UpstreamHttp2Tunnel extends TunnelEnd {
    private final UpstreamHttp2Stream stream;

    UpstreamHttp2Tunnel(UpstreamHttp2Stream stream) {
        this.stream = stream;
    }

    @Override
    void write(ByteBuf bytes) {
        stream.requestData(bytes);
    }

    @Override
    boolean congested() {
        return stream.congested();
    }

    @Override
    void autoRead(boolean on) {
        if (on) {
            stream.resume();
        } else {
            stream.pause();
        }
    }

    @Override
    void end() {
        stream.endTunnel();
    }

    @Override
    void endAfterWrites() {
        stream.endTunnelAfterWrites();
    }
}
