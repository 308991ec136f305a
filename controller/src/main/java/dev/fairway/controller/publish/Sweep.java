package dev.fairway.controller.publish;

import dev.fairway.contract.codec.Manifest;
import dev.fairway.controller.publish.Carrier.Content;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Removes chunks that no reader can still want: neither of the last three manifests names them, and
 * that for a while, since at ten publications a second three manifests are soon history. Used by
 * the loop's thread.
 */
final class Sweep {

    /** The newest and the two before it. */
    private static final int MANIFESTS = 3;

    /** Long enough for a slow reader to fetch what its manifest names. */
    static final Duration UNUSED = Duration.ofSeconds(15);

    private final Carrier carrier;
    private final InstantSource clock;
    private final Deque<Set<String>> named = new ArrayDeque<>();
    private final Map<Content, Map<String, Instant>> unusedSince = new EnumMap<>(Content.class);

    Sweep(Carrier carrier, InstantSource clock) {
        this.carrier = carrier;
        this.clock = clock;
    }

    void published(Manifest manifest) {
        Set<String> chunks = new HashSet<>();
        manifest.routes().chunks().forEach(hash -> chunks.add(Carrier.shortId(hash)));
        manifest.endpoints().chunks().forEach(hash -> chunks.add(Carrier.shortId(hash)));
        manifest.keys().chunks().forEach(hash -> chunks.add(Carrier.shortId(hash)));
        named.addFirst(chunks);
        if (named.size() > MANIFESTS) {
            named.removeLast();
        }
    }

    /** Does nothing until this term knows three manifests: before that it can't tell. */
    void run() throws IOException {
        if (named.size() < MANIFESTS) {
            return;
        }
        Instant now = clock.instant();
        for (Content content : Content.values()) {
            Map<String, Instant> before = unusedSince.getOrDefault(content, Map.of());
            Map<String, Instant> unused = new HashMap<>();
            for (String chunk : carrier.stored(content)) {
                if (named.stream().noneMatch(names -> names.contains(chunk))) {
                    Instant since = before.getOrDefault(chunk, now);
                    unused.put(chunk, since);
                    if (since.plus(UNUSED).isBefore(now)) {
                        carrier.delete(content, chunk);
                    }
                }
            }
            unusedSince.put(content, unused);
        }
    }
}
