package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.RequestTarget;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.http1.TrailerRule;
import dev.fairway.dataplane.http1.Trailers;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.ClientProof;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.Decision;
import dev.fairway.dataplane.policy.Dispatch;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.buffer.ByteBuf;
import java.lang.System.Logger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request from its head to {@link #finish}, the only exit. It asks the route's plan in the plan's
 * order and lets a {@link Delivery} bring the request to a backend:
 *
 * <pre>
 * route ─▶ admit ─▶ body limit ─▶ dispatch ─▶ delivery ─▶ response head ─▶ (error page: delivery) ─▶ stream
 *    └────────┴─────────┴────────────┴───────────┴─▶ answer of our own           └─▶ tunnel (101)
 * </pre>
 *
 * Owned by its client's event loop.
 */
final class Exchange implements ExchangeRecord.Source {
    private static final Logger LOG = System.getLogger(Exchange.class.getName());
    private static final int CLIENT_LEFT = 499;
    private final Engine engine;
    private final Loop loop;
    private final ExchangeRecord record;
    private final ExchangeContext context;
    private final Upload upload;

    // Of the current request.
    private ClientStream client;
    private CanonicalRequest request;
    private Settings settings;
    private @Nullable RoutePlan plan;
    private @Nullable Delivery delivery;

    /** Ended, and good for another request. */
    private @Nullable Delivery endedDelivery;

    private boolean continued;
    private boolean withoutEndpoint;

    /** The backend's status whose error page is asked for; 0: none. */
    private int errorPageFor;

    private boolean responding;
    private boolean finished;

    /** Of a gRPC call that has one. */
    private @Nullable CallDeadline callDeadline;

    /** Whether a gate was waited for: it may still know of this exchange. */
    private boolean awaits;

    Exchange(
            Engine engine,
            Loop loop,
            ClientStream client,
            CanonicalRequest request,
            Settings settings,
            long beganNanos) {
        this.engine = engine;
        this.loop = loop;
        this.client = client;
        this.request = request;
        this.settings = settings;
        this.record = new ExchangeRecord(this);
        this.context = new ExchangeContext(request, record, loop);
        this.upload = new Upload(engine.limits().upstream().replayBytes());
        record.begin(beganNanos, client.written());
        record.requestData(request.head().length());
    }

    /** Takes another request, as if it were new; only after {@link #reusable}. */
    void renew(
            ClientStream itsClient,
            CanonicalRequest another,
            Settings bySettings,
            long beganNanos) {
        client = itsClient;
        request = another;
        settings = bySettings;
        record.begin(beganNanos, itsClient.written());
        record.requestData(another.head().length());
        context.begin(another);
        endedDelivery = delivery == null ? endedDelivery : delivery;
        delivery = null;
        upload.begin();
        plan = null;
        continued = false;
        responding = false;
        finished = false;
    }

    /** Whether it ended as almost all do, so that nothing can call it any more but its client. */
    boolean reusable() {
        Delivery gone = delivery;
        return finished
                && !awaits
                && !withoutEndpoint
                && errorPageFor == 0
                && gone != null
                && gone.plain();
    }

    /** What it pins; one object for each snapshot. */
    Settings settings() {
        return settings;
    }

    /**
     * Begins: the head is read, the body may follow. The generation is not kept: what the plan holds is
     * enough, and a tunnel lasts.
     */
    void start(@Nullable Generation generation) {
        loop.exchanges++;
        if (engine.overload().atLeast(Pressure.REFUSE_REQUESTS)) {
            engine.fire(Limit.PRESSURE_REFUSED);
            answer(OwnAnswers.OVERLOAD);
        } else if (Passes.tooMany(request.head())) {
            engine.fire(Limit.PASSES);
            answer(OwnAnswers.LOOP);
        } else if (generation == null) {
            answer(OwnAnswers.NO_SNAPSHOT);
        } else if (request.head().target().isAsterisk()) {
            answer(OwnAnswers.ASTERISK);
        } else {
            try {
                route(generation);
            } catch (RuntimeException e) {
                failed(e);
            }
        }
    }

    private void route(Generation generation) {
        RequestTarget to = request.head().target();
        RoutePlan route = generation.route(to.host(), to.hostLength(), to.path(), to.pathLength());
        if (route == null) {
            answer(OwnAnswers.NO_ROUTE);
        } else if (misdirected(route)) {
            answer(OwnAnswers.MISDIRECTED);
        } else {
            plan = route;
            if (request.isCall()) {
                callDeadline = CallDeadline.start(loop, this, request);
            }
            decided(route, route.admit(context));
        }
    }

    /** Whether the connection was made under another client-certificate policy (RFC 9110 15.5.20). */
    private boolean misdirected(RoutePlan route) {
        String asked = route.clientPolicy();
        ClientProof proof = request.proof();
        if (asked == null && proof == null) {
            return false;
        }
        return request.cameByTls() && (proof == null || !proof.policy().equals(asked));
    }

    private void decided(RoutePlan route, Decision decision) {
        switch (decision) {
            case Decision.Proceed() -> admitted(route);
            case Decision.Respond(Answer answer) -> answer(answer);
            case Decision.Await(var later) -> {
                awaits = true;
                later.whenComplete(
                        (outcome, failure) -> loop.execute(() -> awaited(route, outcome, failure)));
            }
        }
    }

    private void awaited(RoutePlan route, @Nullable Decision outcome, @Nullable Throwable failure) {
        if (finished) {
            return;
        }
        if (failure != null || outcome == null) {
            warn("a gate failed", failure);
            answer(OwnAnswers.GATE_FAILED);
            return;
        }
        try {
            decided(route, outcome);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void admitted(RoutePlan route) {
        upload.limit(route.bodyLimit());
        if (upload.willBeTooLarge(request.contentLength())) {
            bodyTooLarge();
        } else {
            dispatched(route, route.dispatch(context));
        }
    }

    private void dispatched(RoutePlan route, Dispatch dispatch) {
        switch (dispatch) {
            case Dispatch.Respond(Answer answer) -> answer(answer);
            case Dispatch.Forward to -> {
                Delivery going = delivery;
                if (going != null) {
                    going.redirect(to, errorPageFor > 0);
                    return;
                }
                going = delivery(route, to);
                delivery = going;
                going.begin();
            }
        }
    }

    private Delivery delivery(RoutePlan route, Dispatch.Forward to) {
        Delivery again = endedDelivery;
        if (again == null) {
            return new Delivery(
                    engine,
                    loop,
                    this,
                    client,
                    request,
                    context,
                    record,
                    route,
                    to,
                    upload.begun(),
                    upload.ended());
        }
        endedDelivery = null;
        again.renew(client, request, route, to, upload.begun(), upload.ended());
        return again;
    }

    // What the delivery says.

    boolean responding() {
        return responding;
    }

    void noEndpoint() {
        RoutePlan route = plan;
        boolean primary = !withoutEndpoint && errorPageFor == 0;
        Dispatch instead = route == null || !primary ? null : route.withoutEndpoint(context);
        if (route != null && instead != null) {
            withoutEndpoint = true;
            dispatched(route, instead);
        } else if (errorPageFor > 0) {
            errorPageFailed();
        } else if (withoutEndpoint || !replaced(503)) {
            answer(OwnAnswers.NO_ENDPOINT);
        }
    }

    /** All endpoints have as many requests as they may. */
    void overloaded() {
        if (errorPageFor > 0) {
            errorPageFailed();
        } else {
            answer(OwnAnswers.CIRCUIT_OPEN);
        }
    }

    /** Whether an error page is asked for instead. */
    private boolean replaced(int status) {
        RoutePlan route = plan;
        Delivery going = delivery;
        if (route == null || going == null || errorPageFor > 0) {
            return false;
        }
        Dispatch page = route.interceptStatus(status, context);
        if (page == null) {
            return false;
        }
        errorPageFor = status;
        going.discardResponse();
        client.resumeRequest();
        dispatched(route, page);
        return true;
    }

    private void errorPageFailed() {
        answer(OwnAnswers.withoutErrorPage(errorPageFor));
    }

    /** No attempt is left. */
    void undeliverable(UpstreamFault last) {
        if (errorPageFor > 0) {
            errorPageFailed();
        } else if (!replaced(last.status())) {
            answer(OwnAnswers.undeliverable(last));
        }
    }

    /** It asks for a tunnel to an HTTP/2 backend that did not offer any (RFC 8441 3). */
    void notUpgradable() {
        answer(OwnAnswers.UPGRADE_TO_HTTP2);
    }

    /** It asks for a WebSocket of an HTTP/2 backend, with no key that we could answer to. */
    void unkeyed() {
        answer(OwnAnswers.WEBSOCKET_KEY);
    }

    /** The response stopped in its middle. */
    void brokenOff() {
        record.outcome(OwnAnswers.BROKEN_OFF.reason());
        cutShort(OwnAnswers.BROKEN_OFF);
        finish();
    }

    /** A call ends with a status all the same; of anything else it must be clear that it is not whole. */
    private void cutShort(Answer why) {
        if (request.isCall()) {
            record.grpcStatus(GrpcStatus.code(why));
            client.end(GrpcStatus.trailers(why));
        } else {
            client.abort();
        }
    }

    /** The deadline of the call has passed. */
    void callExpired() {
        engine.fire(Limit.CALL_DEADLINE);
        answer(GrpcStatus.DEADLINE);
    }

    void informational(ResponseHead head) {
        if (head.status() == 100) {
            if (continued || !request.head().expectsContinue()) {
                return;
            }
            continued = true;
        }
        client.informational(head);
    }

    void responseHead(ResponseHead head) {
        try {
            decide(head);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void decide(ResponseHead head) {
        RoutePlan route = plan;
        Delivery going = delivery;
        if (route == null || going == null) {
            throw new IllegalStateException("a response to nothing");
        }
        int status = head.status();
        if (errorPageFor == 0 && status >= 400) {
            if (going.retriedStatus(status)) {
                return;
            }
            if (replaced(status)) {
                return;
            }
        }
        going.forward().selection().answered(going.endpoint(), context);
        route.respond(status, context);
        responding = true;
        record.status(status);
        if (request.isCall()) {
            record.grpcStatus(GrpcStatus.of(head));
        }
        client.respond(head, settings, context.responseEdits());
    }

    /**
     * The backend's response is complete.
     *
     * @param trailers valid during the call
     */
    void responseEnd(@Nullable Trailers trailers) {
        if (trailers != null) {
            if (request.isCall()) {
                record.grpcStatus(GrpcStatus.of(trailers));
            }
            trailers.restrict(trailerRule());
            client.end(trailers.isEmpty() ? null : trailers);
        } else {
            client.end(null);
        }
        finish();
    }

    void tunnelEnded() {
        finish();
    }

    // What the client says.

    /** Takes the piece over. */
    void requestData(ByteBuf piece) {
        record.requestData(piece.readableBytes());
        if (finished || errorPageFor > 0) {
            piece.release();
            return;
        }
        RequestBody pieces = upload.body();
        if (!pieces.add(piece)) {
            engine.fire(Limit.REPLAY_SIZE);
        }
        Delivery going = delivery;
        if (upload.tooLarge()) {
            bodyTooLarge();
        } else if (going != null) {
            going.requestData(pieces);
        } else if (pieces.waiting() >= engine.limits().client().heldBytes()) {
            client.pauseRequest();
        }
    }

    /** A chunk's size says that so much data follows. */
    void announced(long ahead) {
        upload.announced(ahead);
        boolean wanted = !finished && !responding && errorPageFor == 0;
        if (wanted && upload.willBeTooLarge(0)) {
            bodyTooLarge();
        }
    }

    /** Whether its body may go on for as long as it likes: the route sets it no limit. */
    boolean bodyEndless() {
        return upload.endless();
    }

    /** Bytes of the request's body that wait, or are kept to be sent again. */
    long heldBytes() {
        return upload.heldBytes();
    }

    void requestEnd(@Nullable Trailers trailers) {
        upload.end();
        if (trailers != null && !finished) {
            upload.trailers(trailers, trailerRule());
        }
        Delivery going = delivery;
        if (going != null) {
            going.requestEnd(upload.begun());
        }
    }

    private TrailerRule trailerRule() {
        return request.grpc() ? TrailerRule.GRPC : TrailerRule.LISTED;
    }

    private void bodyTooLarge() {
        engine.fire(Limit.BODY_SIZE);
        answer(OwnAnswers.BODY_TOO_LARGE);
    }

    /** The body is malformed, or does not come. */
    void requestBroken(int status, String text, String reason) {
        answer(Answer.of(status, text, reason));
    }

    /** The client closed its connection. */
    void clientGone() {
        abandon();
        record.left(responding ? record.status() : CLIENT_LEFT);
        finish();
    }

    void clientWritable() {
        Delivery going = delivery;
        if (going != null) {
            going.resumeResponse();
        }
    }

    // Answers of our own, and the end.

    /** A policy or a writer that throws costs its own request: fail closed. */
    void failed(RuntimeException cause) {
        warn("a policy or the plan failed", cause);
        answer(OwnAnswers.INTERNAL_ERROR);
    }

    private void answer(Answer answer) {
        if (finished) {
            return;
        }
        abandon();
        record.outcome(answer.reason());
        if (responding) {
            cutShort(answer);
        } else {
            responding = true;
            record.status(answer.status());
            if (request.isCall() && GrpcStatus.is(answer)) {
                record.grpcStatus(GrpcStatus.code(answer));
            }
            write(answer);
        }
        finish();
    }

    private void write(Answer answer) {
        RoutePlan route = plan;
        try {
            if (route != null) {
                route.respond(answer.status(), context);
            }
            record.responseData(client.answer(answer, settings, context.responseEdits()));
        } catch (RuntimeException e) {
            warn("an answer could not be written", e);
            record.status(500);
            record.responseData(
                    client.answer(OwnAnswers.INTERNAL_ERROR, settings, FieldEdits.NONE));
        }
    }

    private void abandon() {
        Delivery going = delivery;
        if (going != null) {
            going.abandon();
        }
    }

    /** The one way out. */
    private void finish() {
        if (finished) {
            return;
        }
        finished = true;
        loop.exchanges--;
        CallDeadline expiry = callDeadline;
        if (expiry != null) {
            callDeadline = null;
            loop.wheel().remove(expiry);
        }
        Delivery gone = delivery;
        if (gone != null) {
            gone.release();
        }
        upload.release();
        List<Runnable> releases = context.releases();
        for (int i = 0; i < releases.size(); i++) {
            quietly(releases.get(i));
        }
        record.end(client.written(), loop.now());
        try {
            engine.sink().finished(record);
        } catch (RuntimeException e) {
            warn("the record could not be told", e);
        }
        client.exchangeDone();
    }

    private void quietly(Runnable release) {
        try {
            release.run();
        } catch (RuntimeException e) {
            warn("a release failed", e);
        }
    }

    /** One line: clients can cause it. The trace is there for who asks. */
    private void warn(String what, @Nullable Throwable cause) {
        LOG.log(Logger.Level.WARNING, "request " + request.id() + ": " + what + ": " + cause);
        LOG.log(Logger.Level.DEBUG, what, cause);
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public @Nullable RoutePlan plan() {
        return plan;
    }
}
