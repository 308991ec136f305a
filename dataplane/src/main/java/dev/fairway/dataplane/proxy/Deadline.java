package dev.fairway.dataplane.proxy;

import org.jspecify.annotations.Nullable;

/**
 * Something that happens unless it is put off. Moving it costs one write, so it can be moved with
 * each read. Belongs to one {@link DeadlineWheel}.
 */
abstract class Deadline {
    static final long NEVER = Long.MAX_VALUE;

    /** Nanoseconds on the wheel's clock. */
    long at = NEVER;

    /** The slot it is linked in; -1: none. */
    int slot = -1;

    long slotTick;
    @Nullable Deadline previous;
    @Nullable Deadline next;

    /** Called on the loop; the deadline is not set then. */
    abstract void expired();
}
