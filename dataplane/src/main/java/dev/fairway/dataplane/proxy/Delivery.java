package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.balance.Tried;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.Framing;
import dev.fairway.dataplane.http1.Http1Request;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.policy.Dispatch;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Brings one request to a backend: picks endpoints, gets connections, sends head and body, and tries
 * again where that is safe and wanted (kubernetes.md 5.3 rule 4). What comes back goes to the exchange.
 * Owned by the exchange's loop.
 */
final class Delivery {
    private final Engine engine;
    private final Loop loop;
    private final Exchange exchange;
    private final ClientStream client;
    private final Http1Request request;
    private final ExchangeContext context;
    private final ExchangeRecord record;
    private final RoutePlan plan;
    private final RetryBudget budget;
    private final Tried tried = new Tried();

    private Dispatch.Forward forward;

    /** An error page is asked for: no body of the client's goes along. */
    private boolean bodiless;

    private @Nullable RequestBody body;
    private boolean requestEnded;

    private @Nullable Attempt attempt;
    private @Nullable UpstreamConnection upstream;
    private boolean requestBegun;
    private boolean freshOnly;

    Delivery(
            Engine engine,
            Loop loop,
            Exchange exchange,
            ClientStream client,
            Http1Request request,
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
        this.budget = new RetryBudget(engine, loop);
    }

    /** Goes to this target, from the first endpoint on. */
    void begin() {
        Endpoint endpoint = forward.selection().pick(tried);
        if (endpoint != null) {
            attempt(endpoint);
        } else {
            exchange.noEndpoint();
        }
    }

    /** Another target instead of the one that could not serve. */
    void redirect(Dispatch.Forward to, boolean asErrorPage) {
        forward = to;
        bodiless = asErrorPage;
        tried.clear();
        begin();
    }

    private void attempt(Endpoint endpoint) {
        long now = System.nanoTime();
        attempt = record.begin(endpoint, now);
        requestBegun = false;
        RequestBody replay = body;
        if (replay != null) {
            replay.rewind();
        }
        UpstreamConnection pooled =
                freshOnly ? null : loop.pool().take(endpoint, forward.transport(), now);
        freshOnly = false;
        if (pooled != null) {
            connected(pooled);
        } else {
            upstream = loop.pool().connect(endpoint, forward.transport(), this);
        }
    }

    /** A connection for the current attempt is there. */
    void connected(UpstreamConnection connection) {
        upstream = connection;
        try {
            send(connection);
        } catch (RuntimeException e) {
            exchange.failed(e);
        }
    }

    private void send(UpstreamConnection connection) {
        RequestHead head = request.head();
        boolean chunked = !bodiless && head.framing() == Framing.CHUNKED;
        connection.begin(this, head.methodIs("HEAD"), chunked);
        current().connected(System.nanoTime(), connection.reused());
        RequestWriter.write(
                loop.writer(),
                request,
                forward,
                client.forwarded(),
                context.upstreamEdits(),
                plan.keepRepeatedSlashes(),
                bodiless);
        connection.requestHead(loop.writer().end(ByteBufAllocator.DEFAULT));
        requestBegun = true;
        RequestBody waiting = body;
        if (!bodiless && waiting != null) {
            waiting.sendTo(connection);
        }
        if (bodiless || requestEnded) {
            connection.requestEnd();
        } else if (connection.congested()) {
            client.pauseRequest();
        } else {
            client.resumeRequest();
        }
    }

    private Attempt current() {
        Attempt now = attempt;
        if (now == null) {
            throw new IllegalStateException("no attempt");
        }
        return now;
    }

    Timeouts timeouts() {
        return plan.timeouts();
    }

    // Trying again.

    /** The current attempt came to nothing. */
    void failed(UpstreamConnection connection, Retry.On on, Endpoint.Result result) {
        if (connection != upstream) {
            return;
        }
        upstream = null;
        Attempt last = current();
        last.failed(on == Retry.On.TIMEOUT ? 504 : 502);
        last.end(result, System.nanoTime());
        if (exchange.responding()) {
            exchange.brokenOff();
            return;
        }
        boolean begun = connection.responseBegun();
        boolean stale = on == Retry.On.ERROR && !begun && connection.reused();
        if (stale && isIdempotent() && replayable() && budget.allows(true)) {
            // A pooled connection died as its next request came: no fault of the endpoint's.
            freshOnly = true;
            attempt(last.endpoint());
            return;
        }
        try {
            if (!retried(on, 0, requestBegun, begun)) {
                exchange.undeliverable(on);
            }
        } catch (RuntimeException e) {
            exchange.failed(e);
        }
    }

    /** Whether a response with this status gives way to another attempt. */
    boolean retriedStatus(int status) {
        Retry.On on = retryOn(status);
        return on != null && !bodiless && retried(on, status, true, true);
    }

    private boolean retried(Retry.On on, int status, boolean sent, boolean responseBegun) {
        Attempt last = current();
        tried.add(last.endpoint());
        boolean wanted =
                plan.retry()
                        .again(
                                on,
                                status,
                                record.attempts(),
                                System.nanoTime() - record.firstAttemptNanos(),
                                sent,
                                responseBegun,
                                request.method(),
                                replayable());
        if (!wanted || (sent && !replayable()) || !budget.allows(sent)) {
            return false;
        }
        Endpoint next = forward.selection().pick(tried);
        if (next == null) {
            return false;
        }
        discardResponse();
        attempt(next);
        return true;
    }

    private static Retry.@Nullable On retryOn(int status) {
        return switch (status) {
            case 500 -> Retry.On.HTTP_500;
            case 502 -> Retry.On.HTTP_502;
            case 503 -> Retry.On.HTTP_503;
            case 504 -> Retry.On.HTTP_504;
            case 403 -> Retry.On.HTTP_403;
            case 404 -> Retry.On.HTTP_404;
            case 429 -> Retry.On.HTTP_429;
            default -> null;
        };
    }

    /** RFC 9110 9.2.2. */
    private boolean isIdempotent() {
        return switch (request.method()) {
            case "GET", "HEAD", "OPTIONS", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    private boolean replayable() {
        RequestBody kept = body;
        return bodiless || kept == null || kept.replayable();
    }

    // The request's body.

    /** A piece was added to {@code pieces}, which hold all there is. */
    void requestData(RequestBody pieces) {
        body = pieces;
        UpstreamConnection connection = upstream;
        if (connection != null && requestBegun && !bodiless) {
            pieces.sendTo(connection);
            if (connection.congested()) {
                client.pauseRequest();
            }
        } else if (pieces.waiting() >= engine.limits().client().heldBytes()) {
            client.pauseRequest();
        }
    }

    void requestEnd() {
        requestEnded = true;
        UpstreamConnection connection = upstream;
        if (connection != null && requestBegun) {
            connection.requestEnd();
        }
    }

    void writable() {
        client.resumeRequest();
    }

    // The response.

    void informational(ResponseHead head) {
        exchange.informational(head);
    }

    void responseHead(ResponseHead head) {
        current().head(head.status(), System.nanoTime());
        exchange.responseHead(head);
    }

    /** Takes the piece over. */
    void responseData(ByteBuf piece) {
        UpstreamConnection connection = upstream;
        if (connection == null || !exchange.responding()) {
            piece.release();
            return;
        }
        current().data(piece.readableBytes());
        record.responseData(piece.readableBytes());
        client.responseData(piece);
        if (client.congested()) {
            connection.pause();
        }
    }

    void responseEnd() {
        UpstreamConnection connection = upstream;
        upstream = null;
        current().end(System.nanoTime());
        if (connection != null) {
            connection.release();
        }
        exchange.responseEnd();
    }

    /** The client takes output again. */
    void resumeResponse() {
        UpstreamConnection connection = upstream;
        if (connection != null) {
            connection.resume();
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
        UpstreamConnection unwanted = upstream;
        upstream = null;
        if (unwanted != null) {
            current().end(System.nanoTime());
            unwanted.discard();
        }
    }

    /** Lets go of the backend: its answer is of no use any more. */
    void abandon() {
        UpstreamConnection connection = upstream;
        upstream = null;
        if (connection != null) {
            connection.close();
        }
        Attempt open = attempt;
        if (open != null) {
            open.end(Endpoint.Result.ABANDONED, System.nanoTime());
        }
    }

    /** The exchange is over. */
    void release() {
        budget.release();
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
     * The backend switched protocols.
     *
     * @param rest bytes behind its head; taken over
     */
    void switched(ResponseHead head, ByteBuf rest) {
        responseHead(head);
        UpstreamConnection connection = upstream;
        if (connection == null || !(client instanceof ClientConnection connected)) {
            rest.release();
            return;
        }
        Tunnel tunnel =
                new Tunnel(loop, engine, this, connected, connection, timeouts().read().toNanos());
        connection.tunnel(tunnel);
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
        current().end(System.nanoTime());
        exchange.tunnelEnded();
    }
}
