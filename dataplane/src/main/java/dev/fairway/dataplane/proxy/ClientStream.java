package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.message.Answer;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One request's way back, whatever protocol the client speaks. The exchange sees this, never a channel.
 * All calls are on the exchange's loop.
 */
interface ClientStream {

    ForwardedHeaders forwarded();

    /** A 1xx other than 101. */
    void informational(ResponseHead head);

    /** A backend's final head, or its 101. */
    void respond(ResponseHead head, Settings settings, FieldEdits edits);

    /**
     * An answer of our own, complete.
     *
     * @return bytes of its body
     */
    int answer(Answer answer, Settings settings, FieldEdits edits);

    /** Takes the piece over. */
    void responseData(ByteBuf piece);

    /**
     * The response is complete.
     *
     * @param trailers those that pass, valid during the call; null: none. Dropped where the client's
     *     protocol or the response's framing has no place for them
     */
    void end(@Nullable Trailers trailers);

    /** The response can't be completed: the client must not take it for whole. */
    void abort();

    /** Whether reading from the backend should pause. */
    boolean congested();

    void pauseRequest();

    void resumeRequest();

    /** From now on the stream is a tunnel's: data both ways is its, uncut. */
    void tunnel(Tunnel tunnel);

    /** A tunnel's end: what was written still goes out. The exchange has ended before. */
    void closeTunnel();

    /** The exchange ended; its last call, but for {@link #closeTunnel}. */
    void exchangeDone();

    /** Bytes written to the client so far, over all its requests. */
    long written();
}
