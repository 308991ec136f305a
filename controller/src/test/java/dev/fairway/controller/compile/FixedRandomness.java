package dev.fairway.controller.compile;

import dev.fairway.contract.Keys;
import java.time.Instant;

/** No chance at all. */
final class FixedRandomness implements Randomness {
    private static final Keys.Key.Certificate SELF_SIGNED =
            new SystemRandomness().selfSigned(CaseFolder.NOW);
    private int asked;

    @Override
    public Keys.Key.Seed seed() {
        asked++;
        return new Keys.Key.Seed("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    }

    @Override
    public Keys.Key.Certificate selfSigned(Instant now) {
        asked++;
        return SELF_SIGNED;
    }

    int asked() {
        return asked;
    }
}
