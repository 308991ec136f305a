package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.policy.Transport;
import org.jspecify.annotations.Nullable;

/**
 * The connections in the making for one attempt. A node that is lost answers nothing, so the first is
 * given {@link ProxyLimits.Upstream#hedge}; then another endpoint is dialled besides. Whichever is up
 * first serves. The other is not broken off: it goes to the pool, or tells of its endpoint that it can't
 * be reached. Nothing of the request is written before one is up.
 *
 * <pre>
 * first ─┬─ up ───────────────────────────▶ connected
 *        ├─ down ─────────────────────────▶ unreached
 *        └─ 250 ms ─▶ first and second ─┬─ one up ──▶ connected (the other is let go)
 *                                       ├─ one down: the other is waited for
 *                                       └─ both down ▶ unreached
 * </pre>
 *
 * Owned by its loop.
 */
final class Hedge implements UpstreamStream.Opening {

    /** The delivery the connection is for. */
    interface Course {
        Timeouts timeouts();

        /**
         * Begins an attempt at another endpoint.
         *
         * @return null: there is none, or another attempt is not wanted
         */
        @Nullable Attempt beside(Attempt first);

        /** One of two attempts came to nothing; it has ended. */
        void oneDown(Attempt attempt);

        /** This attempt's stream is there. */
        void connected(Attempt attempt, UpstreamStream stream);

        /** No attempt is left; this was the last. */
        void unreached(Attempt attempt, UpstreamFault fault);
    }

    private final Engine engine;
    private final Loop loop;
    private final Transport transport;
    private final Course course;
    private final Deadline patience =
            new Deadline() {
                @Override
                void expired() {
                    second();
                }
            };
    private @Nullable Leg first;
    private @Nullable Leg second;
    private boolean claimed;

    private Hedge(Engine engine, Loop loop, Transport transport, Course course) {
        this.engine = engine;
        this.loop = loop;
        this.transport = transport;
        this.course = course;
    }

    /** Begins to connect; the course hears of the end later. */
    static Hedge start(
            Engine engine, Loop loop, Transport transport, Course course, Attempt attempt) {
        Hedge self = new Hedge(engine, loop, transport, course);
        self.first = self.new Leg(attempt);
        long after = engine.limits().upstream().hedge().toNanos();
        if (after > 0 && after < course.timeouts().connect().toNanos()) {
            loop.wheel().set(self.patience, loop.now(), after);
        }
        return self;
    }

    /** One connection in the making. */
    private final class Leg implements UpstreamStream.Waiter {
        final Attempt attempt;
        final UpstreamStream.Opening opening;

        Leg(Attempt attempt) {
            this.attempt = attempt;
            this.opening = loop.pool().open(attempt.endpoint(), transport, this);
        }

        @Override
        public Timeouts timeouts() {
            return course.timeouts();
        }

        @Override
        public void connected(UpstreamStream stream) {
            Leg other = other(this);
            settled();
            if (other != null) {
                other.abandon();
                other.opening.letGo();
            }
            course.connected(attempt, stream);
        }

        @Override
        public void unreached(UpstreamFault fault) {
            Leg other = other(this);
            if (other == null) {
                settled();
                course.unreached(attempt, fault);
            } else {
                attempt.failed(fault.status());
                attempt.end(fault.result(), loop.now());
                course.oneDown(attempt);
                first = other;
                second = null;
            }
        }

        void abandon() {
            attempt.end(Endpoint.Result.ABANDONED, loop.now());
        }
    }

    private @Nullable Leg other(Leg leg) {
        return leg == first ? second : first;
    }

    private void second() {
        Leg slow = first;
        if (slow == null || !affordable()) {
            return;
        }
        Attempt attempt = course.beside(slow.attempt);
        if (attempt == null) {
            return;
        }
        claimed = true;
        loop.hedging++;
        engine.fire(Limit.CONNECT_HEDGE);
        UpstreamStream ready = loop.pool().take(attempt.endpoint(), transport, loop.now());
        if (ready == null) {
            second = new Leg(attempt);
        } else {
            settled();
            slow.abandon();
            slow.opening.letGo();
            course.connected(attempt, ready);
        }
    }

    /** As many at once as retries may be: a lost node must not double what the others get. */
    private boolean affordable() {
        if (loop.hedging >= engine.limits().upstream().retriesOf(loop.exchanges)) {
            engine.fire(Limit.RETRY_BUDGET);
            return false;
        }
        return true;
    }

    private void settled() {
        loop.wheel().remove(patience);
        first = null;
        second = null;
        if (claimed) {
            claimed = false;
            loop.hedging--;
        }
    }

    @Override
    public void cancel() {
        Leg one = first;
        Leg two = second;
        settled();
        for (Leg leg : new @Nullable Leg[] {one, two}) {
            if (leg != null) {
                leg.abandon();
                leg.opening.cancel();
            }
        }
    }

    /** Nobody else can want what only this request wanted. */
    @Override
    public void letGo() {
        cancel();
    }
}
