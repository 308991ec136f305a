package dev.fairway.dataplane.proxy;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One leave-taking, in steps on the event loops.
 *
 * <pre>
 * announce (idle connections go, spread over it) ─▶ listeners closed ─▶ grace (in-flight ends) ─▶ cut
 * </pre>
 *
 * <p>A connection in use leaves by the {@code Connection: close} of its next response (RFC 9112 9.6):
 * to close it between two requests would break the one that is on its way.
 */
final class Drain {
    private static final long STEP_MILLIS = 100;

    /**
     * Unused for this long, a connection is not about to be used: clients that work one off ask again
     * within milliseconds, and a request needs no second to arrive.
     */
    private static final long IDLE_NANOS = 1_000_000_000;

    private final Engine engine;
    private final List<Loop> loops;
    private final List<Channel> listeners;
    private final long announceNanos;
    private final long graceNanos;
    private final long began = System.nanoTime();
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    Drain(
            Engine engine,
            List<Loop> loops,
            List<Channel> listeners,
            Duration announce,
            Duration grace) {
        this.engine = engine;
        this.loops = loops;
        this.listeners = listeners;
        this.announceNanos = announce.toNanos();
        this.graceNanos = grace.toNanos();
    }

    CompletionStage<@Nullable Void> begin() {
        engine.drain().begun = true;
        loops.forEach(loop -> loop.execute(() -> step(loop)));
        loops.getFirst().executor().execute(this::watch);
        return done;
    }

    /** Closes this loop's share of idle connections, as much of it as time has passed. */
    private void step(Loop loop) {
        long now = System.nanoTime();
        long left = announceNanos - (now - began);
        int steps = (int) Math.max(1, left / (STEP_MILLIS * 1_000_000));
        int share = (loop.clients().size() + steps - 1) / steps;
        for (Downstream client : List.copyOf(loop.clients())) {
            if (share <= 0) {
                break;
            }
            if (client.closeIfIdle(now - IDLE_NANOS)) {
                share--;
            }
        }
        if (!done.isDone()) {
            later(loop, () -> step(loop));
        }
    }

    private void watch() {
        long elapsed = System.nanoTime() - began;
        if (elapsed >= announceNanos) {
            listeners.forEach(Channel::close);
            if (engine.connections().open() == 0) {
                done.complete(null);
                return;
            }
        }
        if (elapsed >= announceNanos + graceNanos) {
            loops.forEach(loop -> loop.execute(() -> cut(loop)));
            done.complete(null);
            return;
        }
        later(loops.getFirst(), this::watch);
    }

    private void cut(Loop loop) {
        for (Downstream client : List.copyOf(loop.clients())) {
            engine.fire(Limit.DRAIN_GRACE);
            client.cut();
        }
    }

    private static void later(Loop loop, Runnable step) {
        loop.executor().schedule(step, STEP_MILLIS, TimeUnit.MILLISECONDS);
    }
}
