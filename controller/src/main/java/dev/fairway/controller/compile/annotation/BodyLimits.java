package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import java.util.List;

/** {@code proxy-body-size}; 0 means no limit. */
final class BodyLimits implements Feature {
    private static final long NATIVE_BYTES = 10L << 20;
    private static final long COMPATIBLE_BYTES = 1L << 20;

    private static final Setting<Long> SIZE =
            Setting.of("proxy-body-size", Grammars.SIZE)
                    .withConfig("proxy-body-size")
                    .withTwin("body-limit", Grammars.STRICT_SIZE);

    @Override
    public List<Setting<?>> settings() {
        return List.of(SIZE);
    }

    @Override
    public void compile(Location location) {
        long unsaid = location.around().compatible() ? COMPATIBLE_BYTES : NATIVE_BYTES;
        location.add(new Policy.BodyLimit(location.annotations().read(SIZE).orElse(unsaid)));
    }
}
