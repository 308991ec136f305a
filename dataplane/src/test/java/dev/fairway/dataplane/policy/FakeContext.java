package dev.fairway.dataplane.policy;

import dev.fairway.dataplane.message.FixedHeader;
import dev.fairway.dataplane.message.PolicyContext;
import dev.fairway.dataplane.message.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executor;

/** Remembers what policies did to an exchange; its loop runs only when told. */
public final class FakeContext implements PolicyContext {
    private final Request request;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final List<Runnable> releases = new ArrayList<>();
    final Map<String, String> upstream = new LinkedHashMap<>();
    final TreeSet<String> dropped = new TreeSet<>();
    final Map<String, String> response = new LinkedHashMap<>();
    final List<String> added = new ArrayList<>();
    String user = "";

    public FakeContext(Request request) {
        this.request = request;
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public void setUpstreamHeader(String lowerCaseName, String value) {
        upstream.put(lowerCaseName, value);
    }

    @Override
    public void dropUpstreamHeader(String lowerCaseName) {
        dropped.add(lowerCaseName);
        upstream.remove(lowerCaseName);
    }

    @Override
    public void setResponseHeader(String name, String value) {
        response.put(name, value);
    }

    @Override
    public void setResponseHeader(FixedHeader field) {
        setResponseHeader(field.header().name(), field.header().value());
    }

    @Override
    public void addResponseHeader(String name, String value) {
        added.add(name + ": " + value);
    }

    @Override
    public void remoteUser(String name) {
        user = name;
    }

    @Override
    public void onFinish(Runnable release) {
        releases.add(release);
    }

    @Override
    public Executor loop() {
        return waiting::add;
    }

    public List<String> added() {
        return added;
    }

    /** Runs what was put on the loop, and what that puts there. */
    FakeContext turn() {
        for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
            next.run();
        }
        return this;
    }

    void finish() {
        releases.forEach(Runnable::run);
        releases.clear();
    }
}
