package dev.fairway.dataplane.proxy;

import org.jspecify.annotations.Nullable;

/**
 * All deadlines of one event loop, looked at by one sweep: {@code schedule()} per request would
 * allocate. A deadline put off stays where it is linked and moves when its slot comes.
 *
 * <p>Owned by its loop.
 */
final class DeadlineWheel {
    static final long TICK_NANOS = 50_000_000;
    private static final int SLOTS = 512;

    private final @Nullable Deadline[] slots = new Deadline[SLOTS];
    private final long origin;
    private long tick;

    DeadlineWheel(long now) {
        origin = now;
    }

    /** Makes it expire {@code nanos} after {@code now}, within a tick. */
    void set(Deadline deadline, long now, long nanos) {
        long at = now - origin + Math.min(nanos, Long.MAX_VALUE / 4);
        deadline.at = at;
        long due = due(at);
        if (deadline.slot >= 0) {
            if (deadline.slotTick <= due) {
                return;
            }
            unlink(deadline);
        }
        link(deadline, due);
    }

    void clear(Deadline deadline) {
        deadline.at = Deadline.NEVER;
    }

    /** Lets go of it for good. */
    void remove(Deadline deadline) {
        deadline.at = Deadline.NEVER;
        if (deadline.slot >= 0) {
            unlink(deadline);
        }
    }

    void sweep(long now) {
        long elapsed = now - origin;
        for (long last = elapsed / TICK_NANOS; tick < last; ) {
            tick++;
            int slot = (int) (tick % SLOTS);
            for (Deadline first = slots[slot]; first != null; first = slots[slot]) {
                unlink(first);
                if (first.at <= elapsed) {
                    first.at = Deadline.NEVER;
                    first.expired();
                } else if (first.at != Deadline.NEVER) {
                    link(first, due(first.at));
                }
            }
        }
    }

    /** The first tick at or after {@code at}, but not beyond the wheel's horizon. */
    private long due(long at) {
        long exact = at / TICK_NANOS + 1;
        return Math.max(tick + 1, Math.min(exact, tick + SLOTS - 1));
    }

    private void link(Deadline deadline, long due) {
        int slot = (int) (due % SLOTS);
        Deadline first = slots[slot];
        deadline.slot = slot;
        deadline.slotTick = due;
        deadline.next = first;
        if (first != null) {
            first.previous = deadline;
        }
        slots[slot] = deadline;
    }

    private void unlink(Deadline deadline) {
        Deadline before = deadline.previous;
        Deadline after = deadline.next;
        if (before == null) {
            slots[deadline.slot] = after;
        } else {
            before.next = after;
        }
        if (after != null) {
            after.previous = before;
        }
        deadline.previous = null;
        deadline.next = null;
        deadline.slot = -1;
    }
}
