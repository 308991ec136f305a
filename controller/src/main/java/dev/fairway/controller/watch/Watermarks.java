package dev.fairway.controller.watch;

import dev.fairway.contract.codec.Manifest;
import dev.fairway.contract.codec.Manifest.Watermark;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a view is older than what was published. A first list may be (the API server answers it
 * from any cache), and resource versions compare as numbers (KEP-5504).
 */
final class Watermarks {
    private Watermarks() {}

    /** The kind whose cache is behind the manifest, if there is one. */
    static Optional<String> behind(Manifest published, Map<String, String> view) {
        for (Watermark mark : published.watermarks()) {
            String ours = view.get(mark.kind());
            if (ours != null && older(ours, mark.resourceVersion())) {
                return Optional.of(mark.kind());
            }
        }
        return Optional.empty();
    }

    /**
     * Whether the API server itself has gone back, as after a restore from a backup: then no cache
     * will ever catch up, and what the server says now is the truth.
     */
    static boolean serverWentBack(Manifest published, String kind, World world) throws IOException {
        Optional<String> now = world.revision(kind);
        return published.watermarks().stream()
                .filter(mark -> mark.kind().equals(kind))
                .anyMatch(mark ->
                        now.isPresent() && older(now.orElseThrow(), mark.resourceVersion()));
    }

    private static boolean older(String a, String b) {
        boolean numbers = a.matches("[0-9]+") && b.matches("[0-9]+");
        return numbers && new BigInteger(a).compareTo(new BigInteger(b)) < 0;
    }
}
