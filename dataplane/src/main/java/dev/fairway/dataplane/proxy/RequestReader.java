package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.BodyReader;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.HeadScanner;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.Trailers;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one request after another out of what a client sends; the connection says when the next one may
 * begin. Owned by its connection's loop.
 */
final class RequestReader {

    /** Whose requests they are. */
    interface Receiver extends BodyReader.Sink {

        /** The first byte of a head is there. */
        void headBegins();

        /** A complete head, not interpreted yet; {@link #begin} says that it made sense. */
        void head(RequestHead head);

        void malformed(Fault fault);

        /** Whether more of the body is wanted. */
        boolean receiving();

        /** The request is complete. */
        void bodyEnd(@Nullable Trailers trailers);

        void bodyMalformed(Fault fault);
    }

    private final Loop loop;
    private final HeadLimits limits;
    private final Receiver receiver;
    private final BodyReader body = new BodyReader();
    private @Nullable RequestHead head;
    private long headBegan;
    private boolean inBody;

    RequestReader(Loop loop, HeadLimits limits, Receiver receiver) {
        this.loop = loop;
        this.limits = limits;
        this.receiver = receiver;
    }

    /** Takes what belongs to the next head. */
    void readHead(ByteBuf in) {
        RequestHead current = head;
        if (current == null) {
            current = loop.requestHead();
            head = current;
            headBegan = loop.now();
            receiver.headBegins();
        }
        Fault fault = HeadScanner.read(current, in, limits);
        if (fault != null) {
            receiver.malformed(fault);
        } else if (current.complete()) {
            receiver.head(current);
        }
    }

    /** The head made sense: its body follows. */
    void begin(RequestHead current) {
        body.begin(current.framing());
        inBody = !body.ended();
    }

    /** Takes what belongs to the body. */
    void readBody(ByteBuf in) {
        Fault fault = body.read(in, receiver);
        if (!receiver.receiving()) {
            return;
        }
        if (fault != null) {
            receiver.bodyMalformed(fault);
        } else if (body.ended()) {
            inBody = false;
            receiver.bodyEnd(body.takeTrailers());
        }
    }

    boolean inBody() {
        return inBody;
    }

    /** Body bytes to come; {@code Long.MAX_VALUE} when unknown. */
    long left() {
        return body.left();
    }

    /** Data of the current chunk that is announced and still to come. */
    long chunkLeft() {
        return body.chunkLeft();
    }

    /** When the current head's first byte came. */
    long headBegan() {
        return headBegan;
    }

    /** Whether a head has begun whose exchange has not ended. */
    boolean hasHead() {
        return head != null;
    }

    /** Whether the current request's client takes trailers. */
    boolean acceptsTrailers() {
        RequestHead current = head;
        return current != null && current.acceptsTrailers();
    }

    /** Bytes of the head so far. */
    int headBytes() {
        RequestHead current = head;
        return current == null ? 0 : current.length();
    }

    /** The head is needed no more. */
    void release() {
        RequestHead used = head;
        if (used != null) {
            head = null;
            loop.reuse(used);
        }
    }
}
