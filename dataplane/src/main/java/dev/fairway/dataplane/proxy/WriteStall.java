package dev.fairway.dataplane.proxy;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a client that takes nothing of what is written to it for too long (attack ledger F1, slow read).
 * Owned by the channel's loop.
 */
final class WriteStall {
    private final Engine engine;
    private final Loop loop;
    private final Channel channel;

    /** Made when a client is first slow: most never are. */
    private @Nullable Deadline deadline;

    WriteStall(Engine engine, Loop loop, Channel channel) {
        this.engine = engine;
        this.loop = loop;
        this.channel = channel;
    }

    /** The channel's writability changed. */
    void writable(boolean writable) {
        Deadline waiting = deadline;
        if (writable) {
            if (waiting != null) {
                loop.wheel().clear(waiting);
            }
            return;
        }
        engine.fire(Limit.BUFFER);
        if (waiting == null) {
            waiting = cutting();
            deadline = waiting;
        }
        long nanos = engine.limits().client().writeStall().toNanos();
        loop.wheel().set(waiting, loop.now(), nanos);
    }

    /** The channel is gone. */
    void end() {
        Deadline waiting = deadline;
        if (waiting != null) {
            loop.wheel().remove(waiting);
        }
    }

    private Deadline cutting() {
        return new Deadline() {
            @Override
            void expired() {
                engine.fire(Limit.WRITE_STALL);
                channel.close();
            }
        };
    }
}
