package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.message.Request;
import dev.fairway.dataplane.observe.FinishedExchange;
import dev.fairway.dataplane.policy.RoutePlan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What log and metrics will want to know of one exchange. Owned by its loop. */
final class ExchangeRecord implements FinishedExchange {

    /** Where the record looks up what changes on the way. */
    interface Source {
        @Nullable Request request();

        @Nullable RoutePlan plan();
    }

    private final Source source;

    /** Used ones stay, to be used again. */
    private final List<Attempt> attempts = new ArrayList<>(2);

    private int count;
    private long began;
    private long writtenBefore;
    private int status;
    private int grpcStatus = -1;
    private String reason = OK;
    private String remoteUser = "";
    private long requestBytes;
    private long responseBytes;
    private long responseBodyBytes;
    private long firstAttempt;
    private long ended;

    ExchangeRecord(Source source) {
        this.source = source;
    }

    /** An exchange begins; nothing is known of it. */
    void begin(long now, long writtenSoFar) {
        began = now;
        writtenBefore = writtenSoFar;
        count = 0;
        status = 0;
        grpcStatus = -1;
        reason = OK;
        remoteUser = "";
        requestBytes = 0;
        responseBytes = 0;
        responseBodyBytes = 0;
        firstAttempt = 0;
        ended = 0;
    }

    Attempt begin(Endpoint endpoint, long now) {
        if (count == 0) {
            firstAttempt = now;
        }
        Attempt attempt;
        if (count < attempts.size()) {
            attempt = attempts.get(count);
            attempt.begin(endpoint, now);
        } else {
            attempt = new Attempt(endpoint, now);
            attempts.add(attempt);
        }
        count++;
        return attempt;
    }

    /** Of two that were begun at once, the one that serves stands last. */
    void serves(Attempt attempt) {
        if (attempts.get(count - 1) != attempt) {
            attempts.remove(attempt);
            attempts.add(count - 1, attempt);
        }
    }

    long firstAttemptNanos() {
        return firstAttempt;
    }

    void status(int value) {
        status = value;
    }

    void grpcStatus(int value) {
        grpcStatus = value;
    }

    void outcome(String word) {
        reason = word;
    }

    void left(int value) {
        status = value;
        reason = "client-left";
    }

    void remoteUser(String name) {
        remoteUser = name;
    }

    void requestData(int size) {
        requestBytes += size;
    }

    void responseData(int size) {
        responseBodyBytes += size;
    }

    void end(long writtenAfter, long now) {
        responseBytes = writtenAfter - writtenBefore;
        ended = now;
    }

    @Override
    public @Nullable Request request() {
        return source.request();
    }

    @Override
    public @Nullable RoutePlan plan() {
        return source.plan();
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public int grpcStatus() {
        return grpcStatus;
    }

    @Override
    public String reason() {
        return reason;
    }

    @Override
    public String remoteUser() {
        return remoteUser;
    }

    @Override
    public long requestBytes() {
        return requestBytes;
    }

    @Override
    public long responseBytes() {
        return responseBytes;
    }

    @Override
    public long responseBodyBytes() {
        return responseBodyBytes;
    }

    @Override
    public long durationNanos() {
        return ended - began;
    }

    @Override
    public long endedAtMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public int attempts() {
        return count;
    }

    @Override
    public String attemptAddress(int attempt) {
        return attempts.get(attempt).endpoint().toString();
    }

    @Override
    public int attemptStatus(int attempt) {
        return attempts.get(attempt).status();
    }

    @Override
    public long attemptNanos(int attempt) {
        return attempts.get(attempt).nanos(ended);
    }

    @Override
    public long attemptBytes(int attempt) {
        return attempts.get(attempt).bytes();
    }

    @Override
    public long headNanos() {
        return count == 0 ? -1 : attempts.get(count - 1).headNanos();
    }

    @Override
    public long connectNanos() {
        return count == 0 ? -1 : attempts.get(count - 1).connectNanos();
    }
}
