package dev.fairway.controller;

import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the other end of one WebSocket for a sign of life (RFC 6455 5.5.2) and ends it as failed when
 * none comes: a watch whose packets are dropped would otherwise look quiet for as long as TCP waits.
 * Passes everything on to the listener it stands before. Called on the client's and the timer's
 * threads.
 */
final class Heartbeat implements WebSocket.Listener {
    private final WebSocket.Listener listener;
    private final ScheduledExecutorService timer;
    private final Duration every;
    private final Duration silence;
    private volatile long heard = System.nanoTime();
    private volatile boolean over;
    private volatile @Nullable ScheduledFuture<?> beating;

    /**
     * @param every how often a ping is sent
     * @param silence how long nothing at all may come
     */
    Heartbeat(
            WebSocket.Listener listener,
            ScheduledExecutorService timer,
            Duration every,
            Duration silence) {
        this.listener = listener;
        this.timer = timer;
        this.every = every;
        this.silence = silence;
    }

    private void beat(WebSocket socket) {
        if (over || socket.isInputClosed() || socket.isOutputClosed()) {
            end();
        } else if (System.nanoTime() - heard > silence.toNanos()) {
            fail(socket);
        } else {
            socket.sendPing(ByteBuffer.allocate(0)).exceptionally(failed -> socket);
        }
    }

    private void fail(WebSocket socket) {
        boolean known = over;
        end();
        if (!known) {
            socket.abort();
            listener.onError(
                    socket, new IOException("no sign of life in " + silence.toSeconds() + " s"));
        }
    }

    private void end() {
        over = true;
        ScheduledFuture<?> running = beating;
        if (running != null) {
            running.cancel(false);
        }
    }

    private void alive() {
        heard = System.nanoTime();
    }

    @Override
    public void onOpen(WebSocket socket) {
        alive();
        listener.onOpen(socket);
        try {
            beating =
                    timer.scheduleWithFixedDelay(
                            () -> beat(socket),
                            every.toMillis(),
                            every.toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            over = true;
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        alive();
        return listener.onText(socket, data, last);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        alive();
        return listener.onBinary(socket, data, last);
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        alive();
        return listener.onPing(socket, message);
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        alive();
        return listener.onPong(socket, message);
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
        boolean known = over;
        end();
        return known ? null : listener.onClose(socket, status, reason);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        boolean known = over;
        end();
        if (!known) {
            listener.onError(socket, error);
        }
    }
}
