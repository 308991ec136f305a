package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.Trailers;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One attempt's way to a backend, whatever protocol the backend speaks: an HTTP/1 connection while it
 * has one request, or one stream of an HTTP/2 connection. What comes back goes to the {@link Delivery}
 * that has it. All calls are on the exchange's loop.
 */
interface UpstreamStream {

    /**
     * Gives the stream to a delivery, for one request.
     *
     * @param headRequest its response has no body whatever its fields say
     * @param chunked the request's length is not known
     */
    void begin(Delivery delivery, boolean headRequest, boolean chunked);

    /**
     * Sends the head that was just written, in HTTP/1's form whatever the protocol.
     *
     * @param whole the request has neither body nor trailers; {@link #requestEnd} is called all the same
     */
    void requestHead(HeadWriter head, boolean whole);

    /** Whether the backend takes what asks for a tunnel, as far as it has said. */
    boolean mayTunnel();

    /**
     * Sends the head that was just written, which asks for a tunnel; {@link #requestEnd} is called all
     * the same.
     */
    void requestTunnel(HeadWriter head);

    /** The backend agreed to a tunnel: lets go of everything but its end. */
    TunnelEnd becomeTunnel();

    /** Takes the piece over. */
    void requestData(ByteBuf piece);

    /**
     * The request is written in full: from now on the backend is to answer.
     *
     * @param trailers those that pass; null: none. Dropped where the protocol or the request's framing
     *     has no place for them
     */
    void requestEnd(@Nullable Trailers trailers);

    /** Whether the backend takes no more of the request now; it says so when it does again. */
    boolean congested();

    /** The client is slower than the backend. */
    void pause();

    void resume();

    /** Whether a byte of the response to the current request has come. */
    boolean responseBegun();

    /** Whether its connection had served another request before. */
    boolean reused();

    /** The delivery has what it wanted. */
    void release();

    /** The delivery wants nothing of this response; its connection may serve on. */
    void discard();

    /** The request is abandoned: whatever is under way stops. */
    void close();

    /** Who a stream is got ready for. Exactly one call comes, unless the opening is given up. */
    interface Waiter {
        Timeouts timeouts();

        void connected(UpstreamStream stream);

        void unreached(UpstreamFault fault);
    }

    /** A stream that is being got ready. */
    interface Opening {

        /** It is not wanted. */
        void cancel();

        /** Its waiter has another; the connection in the making is of use to those who come next. */
        void letGo();
    }
}
