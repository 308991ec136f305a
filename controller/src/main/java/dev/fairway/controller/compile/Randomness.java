package dev.fairway.controller.compile;

import dev.fairway.contract.Keys;
import java.time.Instant;

/**
 * The chance a compile may need, once: what it yields is kept in {@link Retained} from then on, so
 * that the same cluster still gives the same bytes.
 */
public interface Randomness {

    /** 32 random bytes that sign cookies. */
    Keys.Key.Seed seed();

    /**
     * A certificate nobody believes, for names that have none; valid for a year from shortly
     * before {@code now}.
     */
    Keys.Key.Certificate selfSigned(Instant now);
}
