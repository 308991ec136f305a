package dev.fairway.controller.compile.certificate;

import dev.fairway.contract.Keys.Key.Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers what pairs turned out to be: checking one takes about a millisecond, and almost none
 * changes between two compiles. What a compile didn't ask for is forgotten after it. Doesn't change
 * any answer. Owned by the thread that compiles.
 */
public final class PairMemory {
    private Map<Certificate, PemPair> before = new HashMap<>();
    private Map<Certificate, PemPair> now = new HashMap<>();
    private Map<Bundle, AuthorityBundle> bundlesBefore = new HashMap<>();
    private Map<Bundle, AuthorityBundle> bundlesNow = new HashMap<>();

    private record Bundle(String caPem, Optional<String> crlPem) {}

    public PemPair read(String chainPem, String keyPem) {
        return now.computeIfAbsent(
                new Certificate(chainPem, keyPem),
                pair -> {
                    PemPair known = before.get(pair);
                    return known != null ? known : PemPair.read(chainPem, keyPem);
                });
    }

    public AuthorityBundle authorities(String caPem, Optional<String> crlPem) {
        return bundlesNow.computeIfAbsent(
                new Bundle(caPem, crlPem),
                bundle -> {
                    AuthorityBundle known = bundlesBefore.get(bundle);
                    return known != null ? known : AuthorityBundle.read(caPem, crlPem);
                });
    }

    /** Another compile begins. */
    public void turn() {
        bundlesBefore = bundlesNow;
        bundlesNow = new HashMap<>();
        before = now;
        now = new HashMap<>();
    }
}
