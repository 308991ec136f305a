package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.message.FixedHeader;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.message.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What policies see and change of one exchange. Owned by its loop; lists are made when needed. */
final class ExchangeContext implements PolicyContext {
    private CanonicalRequest request;
    private final ExchangeRecord record;
    private final Loop loop;
    private FieldEdits upstream = FieldEdits.NONE;
    private FieldEdits response = FieldEdits.NONE;
    private @Nullable List<Runnable> releases;

    ExchangeContext(CanonicalRequest request, ExchangeRecord record, Loop loop) {
        this.request = request;
        this.record = record;
        this.loop = loop;
    }

    /** Another request: nothing of the last one's is left. */
    void begin(CanonicalRequest next) {
        request = next;
        upstream = FieldEdits.NONE;
        response = FieldEdits.NONE;
        releases = null;
    }

    FieldEdits upstreamEdits() {
        return upstream;
    }

    FieldEdits responseEdits() {
        return response;
    }

    /** What has to run at the end; empty when nothing. */
    List<Runnable> releases() {
        List<Runnable> list = releases;
        return list == null ? List.of() : list;
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public void setUpstreamHeader(String lowerCaseName, String value) {
        changeUpstream().set(lowerCaseName, value);
    }

    @Override
    public void dropUpstreamHeader(String lowerCaseName) {
        changeUpstream().drop(lowerCaseName);
    }

    @Override
    public void setResponseHeader(String name, String value) {
        changeResponse().set(name, value);
    }

    @Override
    public void setResponseHeader(FixedHeader field) {
        changeResponse().set(field);
    }

    @Override
    public void addResponseHeader(String name, String value) {
        changeResponse().add(name, value);
    }

    private FieldEdits changeUpstream() {
        if (upstream == FieldEdits.NONE) {
            upstream = new FieldEdits();
        }
        return upstream;
    }

    private FieldEdits changeResponse() {
        if (response == FieldEdits.NONE) {
            response = new FieldEdits();
        }
        return response;
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
