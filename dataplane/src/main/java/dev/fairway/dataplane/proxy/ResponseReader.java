package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.BodyReader;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.Framing;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.HeadScanner;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one response after another out of what a backend sends, and knows whether the connection is
 * good for another request after it (attack ledger B20). Owned by its connection's loop.
 */
final class ResponseReader {
    /** Before one final head, by whatever protocol. */
    static final int MAX_INFORMATIONAL = 16;

    /** Whose response it is. */
    interface Receiver extends BodyReader.Sink {

        /** Whether more of the current response is wanted. */
        boolean receiving();

        void informational(ResponseHead head);

        /** A 101; {@code rest} is what came behind it and stays the caller's to release. */
        void switching(ResponseHead head, ByteBuf rest);

        /** The final head. */
        void head(ResponseHead head);

        /** The response is complete. */
        void end(@Nullable Trailers trailers);

        void malformed();

        /** A head beyond the limits, or too many before the last. */
        void tooLarge();
    }

    /** Heads that serve one response after another. */
    interface Heads {
        ResponseHead responseHead();

        void reuse(ResponseHead head);
    }

    private final Heads heads;
    private final HeadLimits limits;
    private final Receiver receiver;
    private final BodyReader body = new BodyReader();

    /** Taken when its first byte comes, so that few are in use and stay in the processor's cache. */
    private @Nullable ResponseHead head;

    private boolean headWanted;
    private boolean toHead;
    private boolean inBody;
    private boolean untilClose;
    private boolean persistent;
    private int informational;
    private int responses;

    ResponseReader(Heads heads, HeadLimits limits, Receiver receiver) {
        this.heads = heads;
        this.limits = limits;
        this.receiver = receiver;
    }

    /** A request goes out. */
    void begin(boolean headRequest) {
        headWanted = true;
        toHead = headRequest;
        inBody = false;
        untilClose = false;
        persistent = true;
        informational = 0;
        responses++;
    }

    /** The head is needed no more. */
    void release() {
        headWanted = false;
        ResponseHead used = head;
        if (used != null) {
            head = null;
            heads.reuse(used);
        }
    }

    /** Whether the connection may serve another request once this response has ended. */
    boolean persistent() {
        return persistent;
    }

    boolean ended() {
        return inBody && body.ended();
    }

    /** Body bytes to come; {@code Long.MAX_VALUE} when unknown. */
    long left() {
        return body.left();
    }

    /** Whether the connection's end ends the response well. */
    boolean endsWithConnection() {
        return inBody && untilClose;
    }

    void read(ByteBuf in) {
        int response = responses;
        while (in.isReadable() && receiver.receiving()) {
            if (!inBody) {
                // The head may end its exchange, and the next one may begin on this connection.
                if (!readHead(in) || response != responses) {
                    return;
                }
            } else {
                Fault fault = body.read(in, receiver);
                if (!receiver.receiving()) {
                    return;
                }
                if (fault != null) {
                    receiver.malformed();
                    return;
                }
            }
            if (ended()) {
                persistent &= !in.isReadable();
                receiver.end(body.takeTrailers());
                return;
            }
        }
    }

    /**
     * @return false: no more to read of this buffer
     */
    private boolean readHead(ByteBuf in) {
        ResponseHead current = head;
        if (current == null) {
            if (!headWanted) {
                return false;
            }
            current = heads.responseHead();
            head = current;
        }
        Fault fault = HeadScanner.read(current, in, limits);
        if (fault == null && current.complete()) {
            fault = current.interpret(toHead);
        }
        if (fault != null) {
            refuse(fault);
            return false;
        }
        if (!current.complete()) {
            return true;
        }
        if (current.status() == 101) {
            receiver.switching(current, in);
            return false;
        }
        if (current.status() < 200) {
            if (++informational > MAX_INFORMATIONAL) {
                receiver.tooLarge();
                return false;
            }
            receiver.informational(current);
            current.clear();
            return true;
        }
        inBody = true;
        untilClose = current.framing() == Framing.UNTIL_CLOSE;
        body.begin(current.framing());
        persistent = !current.close() && !(body.ended() && in.isReadable());
        receiver.head(current);
        return receiver.receiving();
    }

    private void refuse(Fault fault) {
        if (fault.size()) {
            receiver.tooLarge();
        } else {
            receiver.malformed();
        }
    }
}
