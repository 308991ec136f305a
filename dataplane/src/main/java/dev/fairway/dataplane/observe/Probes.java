package dev.fairway.dataplane.observe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the admin pages ask of the process. Called on the admin server's threads. */
public interface Probes {

    /** Whether every event loop answers. */
    boolean alive();

    /** Why no traffic should come here now, each in a few words; empty: ready. */
    List<String> unready();

    /** The active routes document as lines of JSON; null: none is active. */
    @Nullable String routes();
}
