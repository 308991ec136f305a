package dev.fairway.dataplane.proxy;

/** How much of the memory that this process may use is in use. */
@FunctionalInterface
public interface MemoryGauge {

    /** Nothing is ever short. */
    MemoryGauge NONE = () -> 0;

    /**
     * From 0, none, to 1, all. Called on an event loop, a few times a second.
     */
    double share();
}
