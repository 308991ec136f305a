package dev.fairway.dataplane.balance;

import dev.fairway.contract.Endpoints.Condition;
import dev.fairway.contract.Policy.LoadBalance;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Requests at random moments against endpoints that behave as told, in time that only passes here: the
 * same seed gives the same figures. Each endpoint serves {@link #WORKERS} at once and lets the rest
 * wait. The real pickers, registry and ejections are under it.
 */
final class Simulation {
    static final int WORKERS = 16;
    private static final long SECOND = 1_000_000_000L;

    /** What an endpoint does with a request that begins at a second of the simulation. */
    interface Behaviour {
        /** Milliseconds to the answer; negative: a 503 after as many. */
        double millis(double second, Random random);

        static Behaviour mean(double millis) {
            return (second, random) -> -millis * Math.log(1 - random.nextDouble());
        }

        /** Answers nothing for as long as the client waits. */
        static Behaviour hanging() {
            return (second, random) -> Double.POSITIVE_INFINITY;
        }

        default Behaviour until(double change, Behaviour then) {
            return (second, random) -> (second < change ? this : then).millis(second, random);
        }
    }

    /** An endpoint that is there from a second on. */
    record Member(double from, Behaviour behaviour) {}

    record Story(String name, int perSecond, int seconds, int readTimeout, List<Member> members) {}

    private record Event(long at, long order, Runnable what) {}

    private final Story story;
    private final Sets sets = new Sets();
    private final Random random = new Random(7);
    private final Selection selection;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>((a, b) ->
                    a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.order, b.order));
    private final Map<Endpoint, Place> places = new HashMap<>();
    private final long began = sets.now.get();
    private final List<Double> millis = new ArrayList<>();
    private int failed;
    private long order;

    private Simulation(Story story, LoadBalance policy) {
        this.story = story;
        this.selection = Balancing.of(policy, sets.backend, sets.chance);
    }

    /** One endpoint and its queue. */
    private final class Place {
        final Endpoint endpoint;
        final Behaviour behaviour;
        final ArrayDeque<Request> waiting = new ArrayDeque<>();
        int busy;
        int served;

        Place(Endpoint endpoint, Behaviour behaviour) {
            this.endpoint = endpoint;
            this.behaviour = behaviour;
        }

        void take(Request request) {
            served++;
            if (busy < WORKERS) {
                serve(request);
            } else {
                waiting.add(request);
            }
        }

        private void serve(Request request) {
            busy++;
            double takes = behaviour.millis((sets.now.get() - began) / (double) SECOND, random);
            if (takes == Double.POSITIVE_INFINITY) {
                return; // for ever
            }
            after(
                    Math.abs(takes),
                    () -> {
                        request.end(
                                takes < 0
                                        ? Endpoint.Result.GATEWAY_STATUS
                                        : Endpoint.Result.SUCCESS);
                        busy--;
                        if (!waiting.isEmpty()) {
                            serve(waiting.poll());
                        }
                    });
        }
    }

    /** One request; ends once. */
    private final class Request {
        final Endpoint endpoint;
        final long sent = sets.now.get();
        boolean over;

        Request(Endpoint endpoint) {
            this.endpoint = endpoint;
            endpoint.begin();
            after(story.readTimeout * 1000.0, () -> end(Endpoint.Result.TIMED_OUT));
        }

        void end(Endpoint.Result result) {
            if (!over) {
                over = true;
                long took = sets.now.get() - sent;
                endpoint.end(result, took);
                if (result == Endpoint.Result.SUCCESS) {
                    millis.add(took / 1e6);
                } else {
                    failed++;
                }
            }
        }
    }

    static Result run(Story story, LoadBalance policy) {
        return new Simulation(story, policy).run();
    }

    private Result run() {
        members(0);
        story.members.stream()
                .mapToDouble(Member::from)
                .filter(from -> from > 0)
                .forEach(from -> after(from * 1000, () -> members(from)));
        for (double at = 0; at < story.seconds; ) {
            at -= Math.log(1 - random.nextDouble()) / story.perSecond;
            after(at * 1000, this::arrive);
        }
        while (!events.isEmpty()) {
            Event next = events.poll();
            sets.now.set(next.at);
            next.what.run();
        }
        return new Result(
                millis.stream().mapToDouble(Double::doubleValue).sorted().toArray(),
                failed,
                sets.backend.endpoints().stream().mapToInt(e -> places.get(e).served).toArray());
    }

    private void members(double second) {
        Condition[] now =
                new Condition
                        [(int)
                                story.members.stream()
                                        .filter(member -> member.from <= second)
                                        .count()];
        Arrays.fill(now, Condition.READY);
        sets.apply(now);
        for (int i = 0; i < now.length; i++) {
            Behaviour behaviour = story.members.get(i).behaviour;
            places.computeIfAbsent(sets.endpoint(i), e -> new Place(e, behaviour));
        }
    }

    private void arrive() {
        Endpoint chosen = selection.pick(new Tried());
        places.get(chosen).take(new Request(chosen));
    }

    private void after(double delayMillis, Runnable what) {
        events.add(new Event(sets.now.get() + (long) (delayMillis * 1e6), order++, what));
    }

    /**
     * @param millis of what was answered, sorted
     * @param served how many requests each endpoint was sent
     */
    record Result(double[] millis, int failed, int[] served) {
        double at(double quantile) {
            return millis.length == 0 ? 0 : millis[(int) (quantile * (millis.length - 1))];
        }

        double share(int endpoint) {
            return (double) served[endpoint] / Arrays.stream(served).sum();
        }

        String row(String name) {
            StringBuilder shares = new StringBuilder();
            for (int i = 0; i < served.length; i++) {
                shares.append(String.format(Locale.ROOT, "%5.1f", 100 * share(i)));
            }
            return String.format(
                    Locale.ROOT,
                    "  %-24s %8.1f %8.1f %8.1f %8d   %s%n",
                    name,
                    at(0.5),
                    at(0.99),
                    at(0.999),
                    failed,
                    shares);
        }
    }
}
