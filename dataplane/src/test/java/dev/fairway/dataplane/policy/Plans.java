package dev.fairway.dataplane.policy;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.contract.Template;
import dev.fairway.contract.TemplatePart;
import dev.fairway.dataplane.balance.EndpointRegistry;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Compiles routes over fakes: clock, chance, subrequests and hashing threads are the test's. */
final class Plans {
    static final BackendId PRIMARY = new BackendId("ns", "primary", 80);
    static final BackendId CANARY = new BackendId("ns", "canary", 80);
    static final BackendId ERRORS = new BackendId("ns", "errors", 80);

    final AtomicLong now = new AtomicLong(7_000_000_000L);
    final List<Subrequests.Call> calls = new ArrayList<>();
    final ArrayDeque<Runnable> hashing = new ArrayDeque<>();
    final LimiterRegistry limiters = new LimiterRegistry(now::get);
    final EndpointRegistry endpoints = new EndpointRegistry(now::get, new Random(1)::nextInt);
    final List<Keys.Entry> keys = new ArrayList<>();
    CompletableFuture<Subrequests.Reply> reply = new CompletableFuture<>();
    boolean hashingBusy;
    int nextChance = -1;
    int httpsPort = 443;
    PathMatch path = new PathMatch.Prefix("/");

    private final Random random = new Random(2);
    private final PasswordChecks passwords =
            new PasswordChecks(
                    task -> {
                        if (hashingBusy) {
                            throw new RejectedExecutionException();
                        }
                        hashing.add(task);
                    },
                    now::get,
                    new byte[32]);

    Plans() {
        endpoints(PRIMARY, 3);
    }

    private final List<Endpoints.EndpointSet> sets = new ArrayList<>();

    Plans endpoints(BackendId id, int count) {
        int subnet = id.equals(PRIMARY) ? 1 : id.equals(CANARY) ? 2 : 3;
        sets.removeIf(set -> set.backend().equals(id));
        sets.add(
                new Endpoints.EndpointSet(
                        id,
                        IntStream.range(0, count)
                                .mapToObj(i ->
                                        new Endpoints.Endpoint(
                                                "10.0." + subnet + "." + i,
                                                80,
                                                Endpoints.Condition.READY))
                                .toList()));
        endpoints.apply(new Endpoints(sets));
        return this;
    }

    Plans key(String id, Keys.Key key) {
        keys.add(new Keys.Entry(new KeyId(id), key));
        return this;
    }

    RoutePlan plan(Policy... policies) {
        return plan(new Route.Action.Forward(PRIMARY), policies);
    }

    RoutePlan plan(Route.Action action, Policy... policies) {
        LiveState live =
                new LiveState(
                        endpoints,
                        limiters,
                        call -> {
                            calls.add(call);
                            return reply;
                        },
                        passwords,
                        bound -> nextChance >= 0 ? nextChance : random.nextInt(bound),
                        () -> 1_000_000L,
                        "pod-1");
        Route route =
                new Route(
                        "id",
                        new Route.Origin("ns", "ingress", "primary", "http"),
                        path,
                        action,
                        List.of(policies));
        return new PlanCompiler(live, new Keys(keys), httpsPort).compile(route);
    }

    void hash() {
        for (Runnable next = hashing.poll(); next != null; next = hashing.poll()) {
            next.run();
        }
    }

    void pass(double seconds) {
        now.addAndGet((long) (seconds * 1e9));
    }

    /** 200 when the request proceeds, 0 while it waits. */
    static int status(Decision decision) {
        return switch (decision) {
            case Decision.Proceed() -> 200;
            case Decision.Respond(Answer answer) -> answer.status();
            case Decision.Await(var later) -> {
                CompletableFuture<Decision> future = later.toCompletableFuture();
                yield future.isDone() ? status(future.join()) : 0;
            }
        };
    }

    static Answer answer(Decision decision) {
        return switch (decision) {
            case Decision.Respond(Answer answer) -> answer;
            case Decision.Await(var later) -> answer(later.toCompletableFuture().join());
            case Decision.Proceed() -> throw new AssertionError("proceeded");
        };
    }

    static String header(Answer answer, String name) {
        return answer.headers().stream()
                .filter(h -> h.name().equals(name))
                .map(Header::value)
                .findFirst()
                .orElse(null);
    }

    static Template template(Object... parts) {
        List<TemplatePart> list = new ArrayList<>();
        for (Object part : parts) {
            list.add(
                    switch (part) {
                        case String text -> new TemplatePart.Text(text);
                        case Integer group -> new TemplatePart.Capture(group);
                        case TemplatePart.Name name -> new TemplatePart.Variable(name);
                        case TemplatePart other -> other;
                        default -> throw new AssertionError();
                    });
        }
        return new Template(list);
    }
}
