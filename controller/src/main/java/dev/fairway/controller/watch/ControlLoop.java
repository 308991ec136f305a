package dev.fairway.controller.watch;

import dev.fairway.contract.resource.DataPlaneStatus;
import dev.fairway.controller.compile.ClusterState;
import dev.fairway.controller.compile.Compilation;
import dev.fairway.controller.compile.CompileOptions;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.compile.Retained;
import dev.fairway.controller.observe.ControllerMetrics;
import dev.fairway.controller.publish.Leadership;
import dev.fairway.controller.publish.Publisher;
import dev.fairway.controller.publish.Publisher.FencedException;
import dev.fairway.controller.publish.Report;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns changes into publications, one at a time:
 *
 * <pre>
 * knock ─▶ 20 ms ─▶ view ─▶ compile ─▶ not older, no accident? ─▶ publish ─▶ report
 *   ▲                                                      │
 *   └── a second later, when it must wait or has failed ◀──┘
 * </pre>
 *
 * Runs without a knock too, every {@link #LOOK}, because what is published may have been deleted,
 * and every {@link #FULL}, because a notice may have been lost. Owns its thread; everything in here
 * that changes belongs to it, but for the volatile fields.
 */
public final class ControlLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);

    /** Changes come in bursts; this long we gather them. */
    static final Duration DEBOUNCE = Duration.ofMillis(20);

    /** At most ten publications a second. */
    static final Duration PACE = Duration.ofMillis(100);

    /** How often we look whether what is published is still there. */
    static final Duration LOOK = Duration.ofSeconds(4);

    static final Duration FULL = Duration.ofSeconds(60);

    /** Back-off after a failure, doubling. */
    static final Duration FIRST_WAIT = Duration.ofMillis(500);

    static final Duration LAST_WAIT = Duration.ofSeconds(5);

    /** How long a round waits for caches to catch up, or for a confirmation, before it looks again. */
    static final Duration HOLD = Duration.ofSeconds(1);

    /** The pure middle. */
    public interface Compile {
        Compilation compile(
                ClusterState state, CompileOptions options, Retained retained, Instant observedAt);
    }

    /** Whom a finished round is told. */
    public interface Listener {
        void report(Report report);

        void published(DataPlaneStatus status);
    }

    private final Round round;
    private final Leadership leadership;
    private final Publisher publisher;
    private final ControllerMetrics metrics;
    private final Consumer<String> over;

    private final Knock knock = new Knock(System::nanoTime);
    private final Thread thread = Thread.ofPlatform().name("loop").unstarted(this::run);

    private Duration wait = FIRST_WAIT;
    private long lastRound = System.nanoTime();
    private long lastLook = System.nanoTime();

    /** Why nothing is published, while we lead; null once something was. */
    private volatile @Nullable String notYet = "nothing is published yet";

    /** A round is due. */
    private volatile boolean dirty;

    /** A look at the carrier is due. */
    private volatile boolean lookSoon;

    /** Not to be interrupted, if it can be helped. */
    private volatile boolean inRound;

    private volatile boolean closed;

    /**
     * @param over called when our term of leadership is over: the process must end
     */
    public ControlLoop(
            World world,
            Compile compile,
            LoopRules rules,
            Leadership leadership,
            Publisher publisher,
            Listener listener,
            ControllerMetrics metrics,
            InstantSource clock,
            Consumer<String> over) {
        this.round = new Round(world, compile, rules, publisher, listener, metrics, clock);
        this.leadership = leadership;
        this.publisher = publisher;
        this.metrics = metrics;
        this.over = over;
    }

    public void start() {
        thread.start();
    }

    /** Something may have changed. Any thread. */
    public void changed() {
        dirty = true;
        knock.knock();
    }

    /** Something published may be gone. Any thread. */
    public void damaged() {
        lookSoon = true;
        knock.knock();
    }

    public List<Problem> problems() {
        return round.problems();
    }

    /** Why a leader is not ready; a replica that doesn't lead has nothing to publish. */
    public Optional<String> notReady() {
        return leadership.leading() ? Optional.ofNullable(notYet) : Optional.empty();
    }

    /** Ends after the round that is under way. */
    @Override
    public void close() {
        closed = true;
        if (!inRound) {
            thread.interrupt();
        }
        try {
            if (!thread.join(Duration.ofSeconds(10))) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                if (knock.await(LOOK)) {
                    Thread.sleep(DEBOUNCE);
                }
                // before the view is taken: what comes later knocks again
                long first = knock.answer();
                boolean due = dirty || since(lastRound).compareTo(FULL) >= 0;
                dirty = false;
                inRound = true;
                Duration pause = guarded(due, first);
                inRound = false;
                if (!closed && !pause.isZero()) {
                    Thread.sleep(pause);
                }
            }
        } catch (InterruptedException e) {
            log.debug("The loop ends");
        }
    }

    /** A round, and how long to wait before the next. */
    private Duration guarded(boolean roundDue, long noticedAt) throws InterruptedException {
        try {
            Duration pause = roundDue ? round(noticedAt) : Duration.ZERO;
            boolean lookDue = lookSoon || since(lastLook).compareTo(LOOK) >= 0;
            if (lookDue && publisher.begun() && leadership.leading()) {
                lookSoon = false;
                lastLook = System.nanoTime();
                metrics.lookedAtCarrier();
                publisher.heal();
            }
            wait = FIRST_WAIT;
            return pause;
        } catch (FencedException e) {
            if (!closed) {
                over.accept(e.getMessage());
            }
            throw new InterruptedException("fenced");
        } catch (IOException e) {
            return failed("Publishing failed: " + e.getMessage());
        } catch (RuntimeException e) {
            // an object nobody thought of must not end the loop
            log.error("The round failed", e);
            return failed("The round failed: " + e.getClass().getSimpleName());
        }
    }

    private Duration failed(String why) {
        metrics.failed();
        Duration pause = wait;
        wait = wait.multipliedBy(2).compareTo(LAST_WAIT) > 0 ? LAST_WAIT : wait.multipliedBy(2);
        log.warn("{}; again in {} ms", why, pause.toMillis());
        if (notYet != null) {
            notYet = why;
        }
        changed();
        return pause;
    }

    private Duration round(long noticedAt) throws IOException, FencedException {
        lastRound = System.nanoTime();
        if (!leadership.leading()) {
            if (publisher.begun()) {
                throw new IOException("not sure to lead: the lease was not renewed in time");
            }
            return Duration.ZERO;
        }
        return switch (round.run(noticedAt)) {
            case NOTHING -> Duration.ZERO;
            case UNCHANGED -> {
                notYet = null;
                yield Duration.ZERO;
            }
            case PUBLISHED -> {
                notYet = null;
                yield PACE;
            }
            case HELD -> {
                changed();
                yield HOLD;
            }
        };
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
