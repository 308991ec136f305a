package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Retry;
import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.contract.Settings;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.balance.Tried;
import dev.fairway.dataplane.generation.Generation;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.Framing;
import dev.fairway.dataplane.http1.Http1Request;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.policy.Decision;
import dev.fairway.dataplane.policy.Dispatch;
import dev.fairway.dataplane.policy.PolicyContext;
import dev.fairway.dataplane.policy.RoutePlan;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One request from its head to {@link #finish}, the only exit. It asks the route's plan in the plan's
 * order, makes attempts at endpoints, and passes what comes both ways:
 *
 * <pre>
 * route ─▶ admit ─▶ body limit ─▶ dispatch ─▶ attempt ⟲ ─▶ response head ─▶ (error page: attempt ⟲) ─▶ stream
 *    └────────┴─────────┴────────────┴───────────┴─▶ answer of our own           └─▶ tunnel (101)
 * </pre>
 *
 * Owned by its client's event loop.
 */
final class Exchange implements PolicyContext, ExchangeRecord.Source {
    private static final Logger LOG = System.getLogger(Exchange.class.getName());
    private static final int CLIENT_LEFT = 499;

    private final Engine engine;
    private final Loop loop;
    private final ClientStream client;
    private final Http1Request request;
    private final @Nullable Generation generation;
    private final Settings settings;
    private final ExchangeRecord record;

    private @Nullable RoutePlan plan;
    private Dispatch.@Nullable Forward forward;
    private FieldEdits upstreamEdits = FieldEdits.NONE;
    private FieldEdits responseEdits = FieldEdits.NONE;
    private @Nullable List<Runnable> releases;
    private @Nullable RequestBody body;
    private boolean requestEnded;
    private long bodyLimit = Long.MAX_VALUE;

    private @Nullable Tried tried;
    private @Nullable Attempt attempt;
    private @Nullable UpstreamConnection upstream;
    private boolean requestBegun;
    private boolean freshOnly;
    private boolean retrying;
    private boolean responding;
    private boolean continued;
    private int errorPageFor;
    private boolean withoutEndpoint;
    private boolean finished;

    Exchange(
            Engine engine,
            Loop loop,
            ClientStream client,
            Http1Request request,
            @Nullable Generation generation,
            Settings settings,
            long beganNanos) {
        this.engine = engine;
        this.loop = loop;
        this.client = client;
        this.request = request;
        this.generation = generation;
        this.settings = settings;
        this.record = new ExchangeRecord(this, beganNanos, client.written());
    }

    /** Begins: the head is read, the body may follow. */
    void start() {
        loop.exchanges++;
        Generation current = generation;
        if (current == null) {
            answer(Answer.of(503, "Not ready yet.", "no-snapshot"));
            return;
        }
        RequestHead head = request.head();
        if (head.isAsterisk()) {
            answer(new Answer(200, List.of(), "", "options-asterisk"));
            return;
        }
        guarded(() -> {
            RoutePlan route =
                    current.route(head.host(), head.hostLength(), head.path(), head.pathLength());
            if (route == null) {
                answer(Answer.of(404, "Nothing is served here.", "no-route"));
            } else {
                plan = route;
                decided(route, route.admit(this));
            }
        });
    }

    /** A policy that throws costs its own request: fail closed. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            warn("a policy or the plan failed", e);
            answer(Answer.of(500, "The request could not be processed.", "internal-error"));
        }
    }

    private void decided(RoutePlan route, Decision decision) {
        switch (decision) {
            case Decision.Proceed() -> admitted(route);
            case Decision.Respond(Answer answer) -> answer(answer);
            case Decision.Await(var later) ->
                    later.whenComplete((outcome, failure) ->
                            loop.execute(() -> awaited(route, outcome, failure)));
        }
    }

    private void awaited(RoutePlan route, @Nullable Decision outcome, @Nullable Throwable failure) {
        if (finished) {
            return;
        }
        if (failure != null || outcome == null) {
            warn("a gate failed", failure);
            answer(Answer.of(500, "The request could not be processed.", "gate-failed"));
        } else {
            guarded(() -> decided(route, outcome));
        }
    }

    private void admitted(RoutePlan route) {
        bodyLimit = route.bodyLimit();
        RequestBody waiting = body;
        if (request.contentLength() > bodyLimit
                || (waiting != null && waiting.bytes() > bodyLimit)) {
            bodyTooLarge();
            return;
        }
        dispatched(route.dispatch(this));
    }

    private void dispatched(Dispatch dispatch) {
        switch (dispatch) {
            case Dispatch.Respond(Answer answer) -> answer(answer);
            case Dispatch.Forward to -> {
                forward = to;
                Tried none = tried;
                if (none != null) {
                    none.clear();
                }
                attemptNext(to);
            }
        }
    }

    // Attempts.

    private void attemptNext(Dispatch.Forward to) {
        Endpoint endpoint = to.selection().pick(tried());
        if (endpoint != null) {
            attempt(to, endpoint);
        } else {
            noEndpoint();
        }
    }

    private void noEndpoint() {
        RoutePlan route = plan;
        Dispatch instead =
                route == null || withoutEndpoint || errorPageFor > 0
                        ? null
                        : route.withoutEndpoint(this);
        if (instead != null) {
            withoutEndpoint = true;
            dispatched(instead);
        } else if (errorPageFor > 0) {
            answer(Answer.of(errorPageFor, "The backend answered so.", "error-page-failed"));
        } else {
            List<Header> later = List.of(new Header("Retry-After", "1"));
            answer(new Answer(503, later, "No backend is available.", "no-endpoint"));
        }
    }

    private void attempt(Dispatch.Forward to, Endpoint endpoint) {
        long now = System.nanoTime();
        attempt = record.begin(endpoint, now);
        requestBegun = false;
        RequestBody replay = body;
        if (replay != null) {
            replay.rewind();
        }
        UpstreamConnection pooled =
                freshOnly ? null : loop.pool().take(endpoint, to.transport(), now);
        freshOnly = false;
        if (pooled != null) {
            send(pooled);
        } else {
            upstream = loop.pool().connect(endpoint, to.transport(), this);
        }
    }

    /** The connection asked for is up. */
    void connected(UpstreamConnection connection) {
        send(connection);
    }

    private void send(UpstreamConnection connection) {
        upstream = connection;
        guarded(() -> write(connection));
    }

    private void write(UpstreamConnection connection) {
        Dispatch.Forward to = forward;
        Attempt current = attempt;
        RoutePlan route = plan;
        if (to == null || current == null || route == null) {
            throw new IllegalStateException("nothing to send");
        }
        boolean bodiless = errorPageFor > 0;
        RequestHead head = request.head();
        boolean chunked = !bodiless && head.framing() == Framing.CHUNKED;
        connection.begin(this, head.methodIs("HEAD"), chunked);
        current.connected(System.nanoTime(), connection.reused());
        RequestWriter.write(
                loop.writer(),
                request,
                to,
                client.forwarded(),
                upstreamEdits,
                route.keepRepeatedSlashes(),
                bodiless);
        connection.requestHead(loop.writer().end(ByteBufAllocator.DEFAULT));
        requestBegun = true;
        sendBody(connection, bodiless);
    }

    private void sendBody(UpstreamConnection connection, boolean bodiless) {
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

    /** A try came to nothing. */
    void upstreamFailed(UpstreamConnection connection, Retry.On on, Endpoint.Result result) {
        Attempt failed = attempt;
        if (finished || connection != upstream || failed == null) {
            return;
        }
        upstream = null;
        failed.end(result, System.nanoTime());
        if (responding) {
            record.outcome("upstream-broken");
            client.abort();
            finish();
            return;
        }
        boolean untouched = on == Retry.On.ERROR && !connection.responseBegun();
        if (untouched && connection.reused() && staleRetry(failed.endpoint())) {
            return;
        }
        boolean sent = requestBegun;
        guarded(() -> retryOrAnswer(on, 0, sent, connection.responseBegun()));
    }

    /**
     * A pooled connection died as its next request came: no fault of the endpoint's (kubernetes.md 5.3
     * rule 4). Once, on a fresh connection, for what may be repeated.
     */
    private boolean staleRetry(Endpoint endpoint) {
        Dispatch.Forward to = forward;
        if (to == null || !isIdempotent() || !replayable() || !budgetAllows(true)) {
            return false;
        }
        freshOnly = true;
        guarded(() -> attempt(to, endpoint));
        return true;
    }

    private void retryOrAnswer(Retry.On on, int status, boolean sent, boolean responseBegun) {
        if (!retried(on, status, sent, responseBegun)) {
            boolean timeout = on == Retry.On.TIMEOUT;
            if (errorPageFor > 0) {
                noEndpoint();
            } else if (timeout) {
                answer(Answer.of(504, "The backend did not answer in time.", "upstream-timeout"));
            } else {
                String reason =
                        on == Retry.On.INVALID_HEADER ? "bad-response" : "upstream-unreachable";
                answer(Answer.of(502, "The backend could not be reached.", reason));
            }
        }
    }

    private boolean retried(Retry.On on, int status, boolean sent, boolean responseBegun) {
        Dispatch.Forward to = forward;
        Attempt last = attempt;
        RoutePlan route = plan;
        if (to == null || last == null || route == null) {
            return false;
        }
        tried().add(last.endpoint());
        boolean again =
                route.retry()
                        .again(
                                on,
                                status,
                                record.attempts(),
                                System.nanoTime() - record.firstAttemptNanos(),
                                sent,
                                responseBegun,
                                request.method(),
                                replayable());
        if (!again || !(replayable() || !sent) || !budgetAllows(sent)) {
            return false;
        }
        Endpoint next = to.selection().pick(tried());
        if (next == null) {
            return false;
        }
        UpstreamConnection unwanted = upstream;
        upstream = null;
        if (unwanted != null) {
            last.end(System.nanoTime());
            unwanted.discard();
        }
        attempt(to, next);
        return true;
    }

    /**
     * Retries must not multiply the load of a backend in trouble. What was never sent costs it nothing
     * and is not counted.
     */
    private boolean budgetAllows(boolean sent) {
        if (!sent || retrying) {
            return true;
        }
        ProxyLimits.Upstream limits = engine.limits().upstream();
        if (loop.retrying >= limits.retryFloor() + loop.exchanges * limits.retryShare() / 100) {
            engine.fire(Limit.RETRY_BUDGET);
            return false;
        }
        retrying = true;
        loop.retrying++;
        return true;
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
        return errorPageFor > 0 || kept == null || kept.replayable();
    }

    private Tried tried() {
        Tried list = tried;
        if (list == null) {
            list = new Tried();
            tried = list;
        }
        return list;
    }

    Timeouts timeouts() {
        RoutePlan route = plan;
        if (route == null) {
            throw new IllegalStateException("no route");
        }
        return route.timeouts();
    }

    // What the client sends.

    /** Takes the piece over. */
    void requestData(ByteBuf piece) {
        record.requestData(piece.readableBytes());
        if (finished || errorPageFor > 0) {
            piece.release();
            return;
        }
        RequestBody pieces = body;
        if (pieces == null) {
            pieces = new RequestBody(engine.limits().upstream().replayBytes());
            body = pieces;
        }
        pieces.add(piece);
        if (pieces.bytes() > bodyLimit) {
            bodyTooLarge();
            return;
        }
        UpstreamConnection connection = upstream;
        if (connection != null && requestBegun) {
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
        RequestBody pieces = body;
        if (pieces != null) {
            pieces.end();
        }
        UpstreamConnection connection = upstream;
        if (connection != null && requestBegun) {
            connection.requestEnd();
        }
    }

    private void bodyTooLarge() {
        engine.fire(Limit.BODY_SIZE);
        abandon();
        if (responding) {
            record.outcome("body-too-large");
            client.abort();
            finish();
        } else {
            answer(Answer.of(413, "The request body is too large.", "body-too-large"));
        }
    }

    /** The body is malformed, or does not come. */
    void requestBroken(int status, String text, String reason) {
        abandon();
        if (responding) {
            record.outcome(reason);
            client.abort();
            finish();
        } else {
            answer(Answer.of(status, text, reason));
        }
    }

    /** The client closed its connection. */
    void clientGone() {
        abandon();
        record.left(responding ? record.status() : CLIENT_LEFT);
        finish();
    }

    /** Lets go of the backend: its answer is of no use any more. */
    private void abandon() {
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

    void clientWritable() {
        UpstreamConnection connection = upstream;
        if (connection != null) {
            connection.resume();
        }
    }

    void upstreamWritable() {
        client.resumeRequest();
    }

    // What the backend sends.

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
        Attempt current = attempt;
        if (current != null) {
            current.head(head.status(), System.nanoTime());
        }
        guarded(() -> decide(head));
    }

    private void decide(ResponseHead head) {
        RoutePlan route = plan;
        Dispatch.Forward to = forward;
        Attempt current = attempt;
        if (route == null || to == null || current == null) {
            throw new IllegalStateException("a response to nothing");
        }
        int status = head.status();
        if (errorPageFor == 0 && status >= 400) {
            Retry.On on = retryOn(status);
            if (on != null && retried(on, status, true, true)) {
                return;
            }
            Dispatch page = route.interceptStatus(status, this);
            if (page != null) {
                intercept(page, status);
                return;
            }
        }
        to.selection().answered(current.endpoint(), this);
        route.respond(status, this);
        responding = true;
        record.status(status);
        client.respond(head, settings, responseEdits);
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

    private void intercept(Dispatch page, int status) {
        errorPageFor = status;
        UpstreamConnection unwanted = upstream;
        upstream = null;
        Attempt last = attempt;
        if (last != null) {
            last.end(System.nanoTime());
        }
        if (unwanted != null) {
            unwanted.discard();
        }
        client.resumeRequest();
        dispatched(page);
    }

    /** Takes the piece over. */
    void responseData(ByteBuf piece) {
        UpstreamConnection connection = upstream;
        Attempt current = attempt;
        if (!responding || connection == null || current == null) {
            piece.release();
            return;
        }
        current.data(piece.readableBytes());
        record.responseData(piece.readableBytes());
        client.responseData(piece);
        if (client.congested()) {
            connection.pause();
        }
    }

    void responseEnd() {
        UpstreamConnection connection = upstream;
        Attempt current = attempt;
        upstream = null;
        if (current != null) {
            current.end(System.nanoTime());
        }
        if (connection != null) {
            connection.release();
        }
        client.end();
        finish();
    }

    // Upgrade.

    /** Whether a 101 is the answer to what the client asked. */
    boolean switches(ResponseHead head) {
        RequestHead asked = request.head();
        int answered = head.find(FieldName.UPGRADE);
        return asked.upgrade() >= 0
                && errorPageFor == 0
                && answered >= 0
                && asked.value(asked.upgrade()).equalsIgnoreCase(head.value(answered));
    }

    /**
     * The backend switched protocols.
     *
     * @param rest bytes behind its head; taken over
     */
    void switched(ResponseHead head, ByteBuf rest) {
        Attempt current = attempt;
        if (current != null) {
            current.head(101, System.nanoTime());
        }
        guarded(() -> decide(head));
        UpstreamConnection connection = upstream;
        if (finished || connection == null || !(client instanceof ClientConnection connected)) {
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
        Attempt current = attempt;
        if (current != null) {
            current.data(fromUpstream);
        }
    }

    void tunnelEnded() {
        upstream = null;
        Attempt current = attempt;
        if (current != null) {
            current.end(System.nanoTime());
        }
        finish();
    }

    // Answers of our own, and the end.

    private void answer(Answer answer) {
        if (finished) {
            return;
        }
        if (responding) {
            record.outcome(answer.reason());
            abandon();
            client.abort();
            finish();
            return;
        }
        abandon();
        RoutePlan route = plan;
        if (route != null) {
            try {
                route.respond(answer.status(), this);
            } catch (RuntimeException e) {
                warn("headers", e);
            }
        }
        responding = true;
        record.status(answer.status());
        record.outcome(answer.reason());
        client.answer(answer, settings, responseEdits);
        finish();
    }

    /** The one way out. */
    private void finish() {
        if (finished) {
            return;
        }
        finished = true;
        loop.exchanges--;
        if (retrying) {
            loop.retrying--;
        }
        RequestBody kept = body;
        if (kept != null) {
            kept.release();
        }
        List<Runnable> toRelease = releases;
        if (toRelease != null) {
            for (Runnable release : toRelease) {
                quietly(release);
            }
        }
        record.end(client.written());
        quietly(() -> engine.sink().finished(record));
        client.exchangeDone();
    }

    private void quietly(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            warn("after its end", e);
        }
    }

    /** One line: clients can cause it. The trace is there for who asks. */
    private void warn(String what, @Nullable Throwable cause) {
        LOG.log(Logger.Level.WARNING, "request " + request.id() + ": " + what + ": " + cause);
        LOG.log(Logger.Level.DEBUG, what, cause);
    }

    // What policies and the record ask.

    @Override
    public Request request() {
        return request;
    }

    @Override
    public @Nullable RoutePlan plan() {
        return plan;
    }

    @Override
    public void setUpstreamHeader(String lowerCaseName, String value) {
        upstreamEdits().set(lowerCaseName, value);
    }

    @Override
    public void dropUpstreamHeader(String lowerCaseName) {
        upstreamEdits().drop(lowerCaseName);
    }

    @Override
    public void setResponseHeader(String name, String value) {
        responseEdits().set(name, value);
    }

    @Override
    public void addResponseHeader(String name, String value) {
        responseEdits().add(name, value);
    }

    private FieldEdits upstreamEdits() {
        if (upstreamEdits == FieldEdits.NONE) {
            upstreamEdits = new FieldEdits();
        }
        return upstreamEdits;
    }

    private FieldEdits responseEdits() {
        if (responseEdits == FieldEdits.NONE) {
            responseEdits = new FieldEdits();
        }
        return responseEdits;
    }

    @Override
    public void remoteUser(String name) {
        record.remoteUser(name);
    }

    @Override
    public void onFinish(Runnable release) {
        List<Runnable> list = releases;
        if (list == null) {
            list = new ArrayList<>(2);
            releases = list;
        }
        list.add(release);
    }

    @Override
    public Executor loop() {
        return loop;
    }
}
