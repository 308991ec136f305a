package dev.fairway.controller.watch;

import dev.fairway.contract.codec.Manifest;
import dev.fairway.contract.resource.DataPlaneStatus;
import dev.fairway.controller.compile.Compilation;
import dev.fairway.controller.compile.CompileOptions;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.observe.ControllerMetrics;
import dev.fairway.controller.publish.Publisher;
import dev.fairway.controller.publish.Publisher.FencedException;
import dev.fairway.controller.publish.Report;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a leader does with one view: compile it, hold it back if it is old or an accident, publish
 * it, tell what came of it. Used by the loop's thread; {@link #problems} by any.
 */
final class Round {

    private static final Logger log = LoggerFactory.getLogger(Round.class);

    enum Result {
        /** Not everything has been read yet. */
        NOTHING,
        UNCHANGED,
        PUBLISHED,
        /** Waits for caches to catch up, or for a confirmation. */
        HELD
    }

    private final World world;
    private final ControlLoop.Compile compile;
    private final LoopRules rules;
    private final Publisher publisher;
    private final ControlLoop.Listener listener;
    private final ControllerMetrics metrics;
    private final InstantSource clock;

    private final ShrinkHold shrink = new ShrinkHold(System::nanoTime);
    private final ProblemLog problemLog = new ProblemLog();

    /** Read by the admin port. */
    private volatile List<Problem> problems = List.of();

    Round(
            World world,
            ControlLoop.Compile compile,
            LoopRules rules,
            Publisher publisher,
            ControlLoop.Listener listener,
            ControllerMetrics metrics,
            InstantSource clock) {
        this.world = world;
        this.compile = compile;
        this.rules = rules;
        this.publisher = publisher;
        this.listener = listener;
        this.metrics = metrics;
        this.clock = clock;
    }

    List<Problem> problems() {
        return problems;
    }

    /**
     * @param noticedAt when the first change of this round was noticed, for the metric
     */
    Result run(long noticedAt) throws IOException, FencedException {
        View view = world.view().orElse(null);
        if (view == null) {
            return Result.NOTHING;
        }
        if (!publisher.begun()) {
            publisher.begin();
        }
        Optional<String> behind = behind(view);
        if (behind.isPresent()) {
            metrics.staleView();
            return held("The cache of " + behind.orElseThrow() + " is older than the manifest");
        }
        List<Problem> all = new ArrayList<>(view.problems());
        CompileOptions options = rules.options(view, all);
        long begin = System.nanoTime();
        Compilation compiled =
                compile.compile(view.state(), options, publisher.retained(), clock.instant());
        all.addAll(compiled.problems());
        all.sort(null);
        problems = List.copyOf(all);
        metrics.compiled(view.state(), all, since(begin));
        problemLog.update(all);
        Optional<String> accident =
                shrink.hold(publisher.retained(), compiled, () -> confirmed(view));
        if (accident.isPresent()) {
            metrics.shrinkHeld();
            return held("Held: " + accident.orElseThrow());
        }
        boolean written =
                publisher.publish(
                        compiled.snapshot(),
                        compiled.endpoints(),
                        compiled.keys(),
                        view.watermarks());
        tell(view, compiled, all);
        if (!written) {
            metrics.unchanged();
            return Result.UNCHANGED;
        }
        publisher
                .manifest()
                .ifPresent(m -> metrics.published(m.epoch(), m.sequence(), since(noticedAt)));
        log.info("Published {}", summary(compiled, all));
        return Result.PUBLISHED;
    }

    private void tell(View view, Compilation compiled, List<Problem> all) {
        listener.report(
                new Report(
                        view.state().ingresses(),
                        new HashSet<>(compiled.served()),
                        rules.addresses(view),
                        all,
                        Subjects.of(view, all)));
        publisher
                .manifest()
                .ifPresent(m ->
                        listener.published(
                                new DataPlaneStatus(
                                        m.epoch(),
                                        m.sequence(),
                                        compiled.snapshot().hosts().size(),
                                        routes(compiled),
                                        all.size())));
    }

    private String summary(Compilation compiled, List<Problem> all) {
        String at = publisher.manifest().map(m -> m.epoch() + "/" + m.sequence()).orElse("nothing");
        return "%s: %d hosts, %d routes, %d backends, %d keys, %d problems"
                .formatted(
                        at,
                        compiled.snapshot().hosts().size(),
                        routes(compiled),
                        compiled.endpoints().sets().size(),
                        compiled.keys().entries().size(),
                        all.size());
    }

    private static int routes(Compilation compiled) {
        return compiled.snapshot().hosts().stream().mapToInt(host -> host.routes().size()).sum();
    }

    private static Result held(String why) {
        log.warn("{}", why);
        return Result.HELD;
    }

    private Optional<String> behind(View view) throws IOException {
        Manifest published = publisher.manifest().orElse(null);
        if (published == null) {
            return Optional.empty();
        }
        Optional<String> kind = Watermarks.behind(published, view.watermarks());
        return kind.isPresent() && Watermarks.serverWentBack(published, kind.orElseThrow(), world)
                ? Optional.empty()
                : kind;
    }

    private boolean confirmed(View view) {
        try {
            return world.confirms(view);
        } catch (IOException e) {
            log.warn("No confirmation: {}", e.getMessage());
            return false;
        }
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
