package dev.fairway.dataplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What a client has sent before its turn, and whether its channel is read at all: not while enough is
 * held, nor while a backend is slower than the body it is sent. Owned by the channel's loop.
 */
final class Intake {
    private final Engine engine;
    private final Channel channel;
    private final HeldBytes held;
    private boolean full;
    private boolean paused;

    Intake(Engine engine, Channel channel) {
        this.engine = engine;
        this.channel = channel;
        this.held = new HeldBytes(engine.limits().client().heldBytes());
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Takes the bytes over, behind those that are held. */
    void addLast(ByteBuf in) {
        held.addLast(in);
        pauseWhenFull();
    }

    /** Takes the bytes over, before those that are held. */
    void addFirst(ByteBuf in) {
        held.addFirst(in);
        pauseWhenFull();
    }

    private void pauseWhenFull() {
        if (held.full() && !full) {
            full = true;
            engine.fire(Limit.BUFFER);
            reading();
        }
    }

    /** The oldest bytes; null when there are none, and then more is read. */
    @Nullable ByteBuf poll() {
        ByteBuf next = held.poll();
        if (next == null) {
            full = false;
            reading();
        }
        return next;
    }

    boolean paused() {
        return paused;
    }

    /**
     * @return false: it was paused already
     */
    boolean pause() {
        if (paused) {
            return false;
        }
        paused = true;
        engine.fire(Limit.BUFFER);
        reading();
        return true;
    }

    void resume() {
        if (paused) {
            paused = false;
            reading();
        }
    }

    /** Reads on, whatever was the reason not to: for a tunnel, which keeps what it can't send. */
    void open() {
        full = false;
        paused = false;
        reading();
    }

    int bytes() {
        return held.bytes();
    }

    void release() {
        held.release();
    }

    private void reading() {
        channel.config().setAutoRead(!(paused || full));
    }
}
