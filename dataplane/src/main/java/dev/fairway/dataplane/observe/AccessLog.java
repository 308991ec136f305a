package dev.fairway.dataplane.observe;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Lines from loops to a stream, through one thread that writes many at a time. A loop never waits:
 * when the reader of the log is too slow and the queue is full, lines are dropped and counted.
 */
public final class AccessLog implements AutoCloseable {
    /** What may wait in memory while the log's reader is slow. */
    private static final int QUEUE_BYTES = 8 << 20;

    private static final int BATCH_BYTES = 64 << 10;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final OutputStream out;
    private final Queue<byte[]> lines = new ConcurrentLinkedQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final LongAdder dropped = new LongAdder();
    private final Thread writer;
    private volatile boolean closed;

    public AccessLog(OutputStream out) {
        this.out = out;
        this.writer = Thread.ofPlatform().daemon().name("access-log").start(this::write);
    }

    /** On any thread; never blocks. */
    void offer(CharSequence line) {
        byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
        if (waiting.get() + bytes.length > QUEUE_BYTES) {
            dropped.increment();
            return;
        }
        lines.add(bytes);
        // The writer looks by itself many times a second; only a flood has to wake it.
        if (waiting.addAndGet(bytes.length) > QUEUE_BYTES / 2) {
            LockSupport.unpark(writer);
        }
    }

    public long dropped() {
        return dropped.sum();
    }

    /** Writes what waits, for two seconds at most. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        byte[] batch = new byte[BATCH_BYTES];
        boolean last = false;
        while (!last) {
            last = closed;
            drain(batch);
            if (!last) {
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }
    }

    private void drain(byte[] batch) {
        int used = 0;
        for (byte[] line = lines.poll(); line != null; line = lines.poll()) {
            waiting.addAndGet(-line.length);
            if (used + line.length > batch.length) {
                put(batch, used);
                used = 0;
            }
            if (line.length > batch.length) {
                put(line, line.length);
            } else {
                System.arraycopy(line, 0, batch, used, line.length);
                used += line.length;
            }
        }
        put(batch, used);
    }

    private void put(byte[] bytes, int length) {
        if (length == 0) {
            return;
        }
        try {
            out.write(bytes, 0, length);
            out.flush();
        } catch (IOException e) {
            // The stream is gone (a closed pipe): traffic matters more than its log.
            dropped.increment();
        }
    }
}
