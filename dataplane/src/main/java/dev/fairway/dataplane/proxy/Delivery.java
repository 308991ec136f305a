package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.Framing;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.policy.Dispatch;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Brings one request to a backend: picks endpoints, gets connections, sends head and body, and tries
 * again where that is safe and wanted (kubernetes.md 5.3 rule 4). What comes back goes to the exchange.
 * Owned by the exchange's loop.
 */
final class Delivery implements Hedge.Course {
    private final Engine engine;
    private final Loop loop;
    private final Exchange exchange;
    private final ExchangeContext context;
    private final ExchangeRecord record;
    private final Retries retries;
    private final ClientWait wait;

    private ClientStream client;
    private CanonicalRequest request;
    private RoutePlan plan;
    private Dispatch.Forward forward;

    /** An error page is asked for: no body of the client's goes along. */
    private boolean bodiless;

    private @Nullable RequestBody body;
    private boolean requestEnded;

    private @Nullable Attempt attempt;
    private UpstreamStream.@Nullable Opening opening;
    private @Nullable UpstreamStream upstream;
    private boolean requestBegun;

    /** What of the body was sent is never sent again. */
    private boolean sentOnce;

    private boolean freshOnly;

    private boolean attemptedAgain;
    private boolean plain;

    Delivery(
            Engine engine,
            Loop loop,
            Exchange exchange,
            ClientStream client,
            CanonicalRequest request,
            ExchangeContext context,
            ExchangeRecord record,
            RoutePlan plan,
            Dispatch.Forward forward,
            @Nullable RequestBody body,
            boolean requestEnded) {
        this.engine = engine;
        this.loop = loop;
        this.exchange = exchange;
        this.client = client;
        this.request = request;
        this.context = context;
        this.record = record;
        this.plan = plan;
        this.forward = forward;
        this.body = body;
        this.requestEnded = requestEnded;
        this.retries = new Retries(engine, loop, record, plan.retry(), request);
        this.wait = new ClientWait(loop, this);
    }

    /** The same exchange brings another request; only after a {@link #plain} end. */
    void renew(
            ClientStream itsClient,
            CanonicalRequest another,
            RoutePlan itsPlan,
            Dispatch.Forward to,
            @Nullable RequestBody itsBody,
            boolean ended) {
        client = itsClient;
        request = another;
        plan = itsPlan;
        forward = to;
        body = itsBody;
        requestEnded = ended;
        bodiless = false;
        attempt = null;
        requestBegun = false;
        sentOnce = false;
        freshOnly = false;
        plain = false;
        retries.begin(itsPlan.retry(), another);
    }

    /** Whether its only attempt got a whole response over HTTP/1: nobody knows of it any more. */
    boolean plain() {
        return plain;
    }

    /** Goes to this target, from the first endpoint on. */
    void begin() {
        retries.uploading(uploading());
        Endpoint endpoint = retries.first(forward.selection());
        if (endpoint != null) {
            attempt(endpoint);
        } else if (retries.full()) {
            exchange.overloaded();
        } else {
            exchange.noEndpoint();
        }
    }

    /** Another target instead of the one that could not serve. */
    void redirect(Dispatch.Forward to, boolean asErrorPage) {
        forward = to;
        bodiless = asErrorPage;
        begin();
    }

    private void attempt(Endpoint endpoint) {
        long now = loop.now();
        attemptedAgain |= attempt != null;
        Attempt next = record.begin(endpoint, now);
        attempt = next;
        if (uploading()) {
            wait.uploads(next);
        }
        requestBegun = false;
        RequestBody replay = body;
        if (replay != null) {
            replay.rewind();
        }
        UpstreamStream ready =
                freshOnly ? null : loop.pool().take(endpoint, forward.transport(), now);
        freshOnly = false;
        if (ready != null) {
            connected(current(), ready);
        } else {
            opening = Hedge.start(engine, loop, forward.transport(), this, current());
        }
    }

    @Override
    public void connected(Attempt with, UpstreamStream stream) {
        attempt = with;
        if (uploading()) {
            wait.uploads(with);
        }
        record.serves(with);
        opening = null;
        upstream = stream;
        try {
            send(stream);
        } catch (RuntimeException e) {
            exchange.failed(e);
        }
    }

    private void send(UpstreamStream stream) {
        RequestHead head = request.head();
        boolean tunnel = !bodiless && head.upgrade() >= 0;
        if (tunnel && !stream.mayTunnel()) {
            exchange.notUpgradable();
            return;
        }
        if (tunnel
                && stream instanceof UpstreamHttp2Stream
                && !WebSocketHandshake.answerable(head)) {
            exchange.unkeyed();
            return;
        }
        boolean chunked = !bodiless && head.framing() == Framing.CHUNKED;
        stream.begin(this, head.methodIs("HEAD"), chunked);
        current().connected(loop.now(), stream.reused());
        RequestWriter.write(
                loop.writer(),
                request,
                forward,
                client.forwarded(),
                context.upstreamEdits(),
                plan.keepRepeatedSlashes(),
                bodiless);
        RequestBody waiting = body;
        boolean empty = waiting == null || (waiting.bytes() == 0 && waiting.trailers() == null);
        if (tunnel) {
            stream.requestTunnel(loop.writer());
        } else {
            stream.requestHead(loop.writer(), bodiless || (requestEnded && empty));
        }
        requestBegun = true;
        sentOnce = stream instanceof UpstreamHttp1Connection && !retries.repeatable();
        if (!bodiless && waiting != null) {
            sendTo(stream, waiting);
        }
        if (bodiless || requestEnded) {
            stream.requestEnd(trailers());
        } else if (stream.congested()) {
            client.pauseRequest();
        } else {
            client.resumeRequest();
        }
    }

    /** Whether the client speaks HTTP/2. */
    boolean forHttp2() {
        return request.head().http2();
    }

    private Attempt current() {
        Attempt now = attempt;
        if (now == null) {
            throw new IllegalStateException("no attempt");
        }
        return now;
    }

    @Override
    public Timeouts timeouts() {
        return plan.timeouts();
    }

    // Trying again.

    @Override
    public @Nullable Attempt beside(Attempt first) {
        Endpoint other = retries.beside(first.endpoint(), forward.selection(), replayable());
        if (other == null) {
            return null;
        }
        attemptedAgain = true;
        return record.begin(other, loop.now());
    }

    @Override
    public void oneDown(Attempt failed) {
        retries.exclude(failed.endpoint());
    }

    @Override
    public void unreached(Attempt last, UpstreamFault fault) {
        attempt = last;
        opening = null;
        over(fault, false, false);
    }

    /** The current attempt came to nothing. */
    void failed(UpstreamStream stream, UpstreamFault fault) {
        if (stream == upstream) {
            upstream = null;
            over(fault, stream.responseBegun(), stream.reused());
        }
    }

    private void over(UpstreamFault fault, boolean begun, boolean reused) {
        Attempt last = current();
        last.failed(fault.status());
        last.end(fault.result(), loop.now());
        if (exchange.responding()) {
            exchange.brokenOff();
            return;
        }
        if (retries.sameEndpoint(fault, begun, reused, !requestBegun || replayable())) {
            freshOnly = true;
            attempt(last.endpoint());
            return;
        }
        try {
            boolean acted = requestBegun && !fault.untouched();
            if (retried(fault.on(), 0, acted, begun)) {
                return;
            }
            if (retries.refusedOnce(fault, replayable())) {
                attempt(last.endpoint());
            } else {
                exchange.undeliverable(fault);
            }
        } catch (RuntimeException e) {
            exchange.failed(e);
        }
    }

    /** Whether a response with this status gives way to another attempt. */
    boolean retriedStatus(int status) {
        Retry.On on = Retries.on(status);
        return on != null && !bodiless && retried(on, status, true, true);
    }

    private boolean retried(Retry.On on, int status, boolean acted, boolean responseBegun) {
        Endpoint next =
                retries.next(
                        current().endpoint(),
                        forward.selection(),
                        on,
                        status,
                        requestBegun,
                        acted,
                        responseBegun,
                        replayable());
        if (next == null) {
            return false;
        }
        discardResponse();
        attempt(next);
        return true;
    }

    private void sendTo(UpstreamStream stream, RequestBody pieces) {
        if (sentOnce) {
            pieces.sentOnce();
        }
        pieces.sendTo(stream);
    }

    private boolean replayable() {
        RequestBody kept = body;
        return bodiless || kept == null || kept.replayable();
    }

    // The request's body.

    /** A piece was added to {@code pieces}, which hold all there is. */
    void requestData(RequestBody pieces) {
        body = pieces;
        UpstreamStream stream = upstream;
        if (stream != null && requestBegun && !bodiless) {
            sendTo(stream, pieces);
            if (stream.congested()) {
                client.pauseRequest();
            }
        } else if (pieces.waiting() >= engine.limits().client().heldBytes()) {
            client.pauseRequest();
        }
    }

    /**
     * The request has ended.
     *
     * @param pieces all of it, with its trailers; null: it had no body
     */
    void requestEnd(@Nullable RequestBody pieces) {
        body = pieces;
        requestEnded = true;
        retries.uploading(false);
        wait.uploaded(attempt);
        UpstreamStream stream = upstream;
        if (stream != null && requestBegun) {
            stream.requestEnd(trailers());
        }
    }

    private boolean uploading() {
        return !requestEnded && !bodiless;
    }

    private @Nullable Trailers trailers() {
        RequestBody whole = body;
        return bodiless || whole == null ? null : whole.trailers();
    }

    void writable() {
        client.resumeRequest();
    }

    // The response.

    void informational(ResponseHead head) {
        exchange.informational(head);
    }

    void responseHead(ResponseHead head) {
        current().head(head.status(), loop.now());
        exchange.responseHead(head);
    }

    /** Takes the piece over. */
    void responseData(ByteBuf piece) {
        UpstreamStream stream = upstream;
        if (stream == null || !exchange.responding()) {
            piece.release();
            return;
        }
        current().data(piece.readableBytes());
        record.responseData(piece.readableBytes());
        client.responseData(piece);
        if (client.congested()) {
            stream.pause();
            wait.stalls(current());
        }
    }

    /**
     * The response is complete.
     *
     * @param trailers valid during the call
     */
    void responseEnd(@Nullable Trailers trailers) {
        UpstreamStream stream = upstream;
        upstream = null;
        current().end(loop.now());
        if (stream != null) {
            plain = !attemptedAgain && stream instanceof UpstreamHttp1Connection;
            stream.release();
        }
        exchange.responseEnd(trailers);
    }

    /** The client takes output again. */
    void resumeResponse() {
        UpstreamStream stream = upstream;
        if (stream != null) {
            stream.resume();
            wait.goesOn(current());
        }
    }

    Endpoint endpoint() {
        return current().endpoint();
    }

    Dispatch.Forward forward() {
        return forward;
    }

    /** This response is not for the client; its connection may serve on. */
    void discardResponse() {
        UpstreamStream unwanted = upstream;
        upstream = null;
        if (unwanted != null) {
            current().end(loop.now());
            unwanted.discard();
        }
    }

    /** Lets go of the backend: its answer is of no use any more. */
    void abandon() {
        UpstreamStream stream = upstream;
        upstream = null;
        if (stream != null) {
            stream.close();
        }
        UpstreamStream.Opening awaited = opening;
        opening = null;
        if (awaited != null) {
            awaited.cancel();
        }
        Attempt open = attempt;
        if (open != null) {
            open.end(Endpoint.Result.ABANDONED, loop.now());
        }
    }

    /** The exchange is over. */
    void release() {
        wait.over();
        retries.release();
    }

    // Giving way to others.

    /**
     * Whether this request has a place there and it is the client that is waited for.
     *
     * @param upload for its body; else for it to take the response
     */
    boolean waitsForClient(Endpoint there, boolean upload) {
        Attempt now = attempt;
        UpstreamStream stream = upstream;
        return now != null
                && stream != null
                && now.endpoint() == there
                && !(upload && stream.congested());
    }

    Connections.Source source() {
        return Connections.Source.of(request.clientAddress());
    }

    /** How much of its body has come. */
    long uploadedBytes() {
        RequestBody pieces = body;
        return pieces == null ? 0 : pieces.bytes();
    }

    boolean isCall() {
        return request.isCall();
    }

    void leavePlace() {
        current().end(Endpoint.Result.ABANDONED, loop.now());
    }

    void endForOthers() {
        exchange.requestBroken(408, "The request took too long.", "slowest-client");
    }

    // Upgrade.

    /** Whether a 101 is the answer to what the client asked (attack ledger B17). */
    boolean switches(ResponseHead head) {
        RequestHead asked = request.head();
        int answered = head.find(FieldName.UPGRADE);
        return asked.upgrade() >= 0
                && !bodiless
                && answered >= 0
                && asked.value(asked.upgrade()).equalsIgnoreCase(head.value(answered));
    }

    /**
     * The backend took an extended CONNECT: its head becomes the 101 that the client asked for, or that
     * stands for what it asked for.
     */
    void tookConnect(ResponseHead head, UpstreamStream stream) {
        RequestHead asked = request.head();
        String protocol = asked.value(asked.upgrade());
        String key = asked.header("sec-websocket-key");
        head.switching(protocol, WebSocketHandshake.accept(protocol, key));
        switched(head, stream, Unpooled.EMPTY_BUFFER);
    }

    /**
     * The backend switched protocols.
     *
     * @param rest bytes behind its head; taken over
     */
    void switched(ResponseHead head, UpstreamStream stream, ByteBuf rest) {
        responseHead(head);
        if (upstream != stream) {
            rest.release();
            return;
        }
        Tunnel tunnel =
                new Tunnel(
                        loop,
                        engine,
                        this,
                        client,
                        stream.becomeTunnel(),
                        timeouts().read().toNanos());
        current().tunnel();
        client.tunnel(tunnel);
        tunnel.fromUpstream(rest);
    }

    void tunnelled(int fromClient, int fromUpstream) {
        record.requestData(fromClient);
        record.responseData(fromUpstream);
        current().data(fromUpstream);
    }

    void tunnelEnded() {
        upstream = null;
        current().end(loop.now());
        exchange.tunnelEnded();
    }
}
