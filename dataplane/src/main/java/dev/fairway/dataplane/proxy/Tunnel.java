package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;

/**
 * A client and a backend after a 101, or its like in HTTP/2: bytes pass both ways, as slow as the slower side takes them. Either
 * side's end ends both. Idle is the route's read timeout, as in ingress-nginx. Owned by their loop.
 */
final class Tunnel {
    private final Loop loop;
    private final Engine engine;
    private final Delivery delivery;
    private final ClientStream client;
    private final TunnelEnd upstream;
    private final long idleNanos;
    private boolean closed;
    private final Deadline deadline =
            new Deadline() {
                @Override
                void expired() {
                    engine.fire(Limit.TUNNEL_IDLE);
                    close();
                }
            };

    Tunnel(
            Loop loop,
            Engine engine,
            Delivery delivery,
            ClientStream client,
            TunnelEnd upstream,
            long idleNanos) {
        this.loop = loop;
        this.engine = engine;
        this.delivery = delivery;
        this.client = client;
        this.upstream = upstream;
        this.idleNanos = idleNanos;
        upstream.open(this);
        touch();
    }

    private void touch() {
        loop.wheel().set(deadline, loop.now(), idleNanos);
    }

    /** Takes the bytes over. */
    void fromClient(ByteBuf bytes) {
        if (closed || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        touch();
        delivery.tunnelled(bytes.readableBytes(), 0);
        upstream.write(bytes);
        if (upstream.congested()) {
            client.pauseRequest();
        }
    }

    /** Takes the bytes over. */
    void fromUpstream(ByteBuf bytes) {
        if (closed || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        touch();
        delivery.tunnelled(0, bytes.readableBytes());
        client.responseData(bytes);
        if (client.congested()) {
            upstream.autoRead(false);
        }
    }

    void clientWritable() {
        upstream.autoRead(true);
    }

    void upstreamWritable() {
        client.resumeRequest();
    }

    void clientClosed() {
        end();
        upstream.closeAfterWrites();
    }

    void upstreamClosed() {
        end();
        upstream.close();
        client.closeTunnel();
    }

    /** Ends both sides, letting what is written go out. */
    void close() {
        end();
        upstream.closeAfterWrites();
        client.closeTunnel();
    }

    private void end() {
        if (!closed) {
            closed = true;
            loop.wheel().remove(deadline);
            delivery.tunnelEnded();
        }
    }
}
