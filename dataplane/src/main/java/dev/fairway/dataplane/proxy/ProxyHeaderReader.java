package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Arrays;

/**
 * Takes a {@link ProxyHeader} off the front of a connection, before TLS and before any protocol, tells
 * the {@link Entrance} and leaves the pipeline. Owned by its event loop.
 */
final class ProxyHeaderReader extends ChannelInboundHandlerAdapter {

    /** Who waits for the header. */
    interface Receiver {

        /** Called once, before what follows the header goes on. */
        void introduced(ProxyHeader header);
    }

    private final Receiver receiver;
    private byte[] bytes = new byte[256];
    private int length;
    private boolean done;

    ProxyHeaderReader(Receiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (done) {
            in.release(); // of a connection that is being closed
            return;
        }
        int before = length;
        keep(in);
        ProxyHeader header = ProxyHeader.read(bytes, length);
        switch (header) {
            case ProxyHeader.Incomplete() -> in.release();
            case ProxyHeader.Malformed() -> {
                in.release();
                done = true;
                receiver.introduced(header);
            }
            case ProxyHeader.Own(int size) -> goOn(context, header, in, size - before);
            case ProxyHeader.Client client -> goOn(context, header, in, client.size() - before);
        }
    }

    /** Copies as much as a header may have; the buffer's own position stays. */
    private void keep(ByteBuf in) {
        int more = Math.min(in.readableBytes(), ProxyHeader.MAX_BYTES - length);
        if (bytes.length < length + more) {
            bytes = Arrays.copyOf(bytes, ProxyHeader.MAX_BYTES);
        }
        in.getBytes(in.readerIndex(), bytes, length, more);
        length += more;
    }

    private void goOn(ChannelHandlerContext context, ProxyHeader header, ByteBuf in, int taken) {
        done = true;
        in.skipBytes(taken);
        receiver.introduced(header);
        if (in.isReadable() && context.channel().isActive()) {
            context.fireChannelRead(in);
        } else {
            in.release();
        }
        if (!context.isRemoved()) {
            context.pipeline().remove(this);
        }
    }
}
