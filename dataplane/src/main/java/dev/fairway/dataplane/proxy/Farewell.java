package dev.fairway.dataplane.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** How a client connection ends once the last word to it is written. On its loop. */
final class Farewell {
    private Farewell() {}

    /** Closes after what was written. */
    static void close(Channel channel, Outlet out) {
        out.flush();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> channel.close());
    }

    /**
     * Ends our side after what was written and leaves the other open: a client that is still sending
     * would have its last answer reset away.
     */
    static void shutdown(Channel channel, Outlet out, Runnable then) {
        out.flush();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(done -> {
                    SslHandler tls = channel.pipeline().get(SslHandler.class);
                    if (tls != null) {
                        tls.closeOutbound();
                    }
                    if (channel instanceof DuplexChannel duplex) {
                        duplex.shutdownOutput();
                    }
                    then.run();
                });
    }
}
