package dev.fairway.controller.compile.annotation;

import java.util.List;

/** One thing a route can ask for, from its annotations and ConfigMap keys to its policy. */
interface Feature {

    /** Everything it reads; what is in no feature's list is reported as unknown. */
    List<Setting<?>> settings();

    /** Adds the policies for one route. Runs for every route, canaries excepted. */
    void compile(Location location);

    /** As {@link #compile}, for a path of a canary Ingress, which ignores everything else. */
    default void compileCanary(Location location) {}
}
