package dev.fairway.dataplane.policy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Hashes passwords off the loops and remembers the verdicts; one for the process. A verdict is kept
 * under a keyed hash of password and password hash together, so that neither is in memory and a
 * changed hash is a new question. Equal questions asked at once are hashed once. Thread-safe.
 */
public final class PasswordChecks {
    static final Duration KEPT = Duration.ofSeconds(60);
    static final int MAX_KEPT = 4096;

    private final Executor hashing;
    private final LongSupplier nanos;
    private final SecretKeySpec secret;
    private final LongAdder refused = new LongAdder();
    private final ConcurrentHashMap<String, CompletableFuture<Boolean>> asked =
            new ConcurrentHashMap<>();

    /** Least recently used first; guarded by itself. */
    private final Map<String, Kept> kept = new LinkedHashMap<>(64, 0.75f, true);

    private record Kept(boolean matches, long until) {}

    /**
     * @param hashing bounded; what it rejects is answered 503
     * @param nanos a monotonic clock
     * @param secret random, of this process
     */
    public PasswordChecks(Executor hashing, LongSupplier nanos, byte[] secret) {
        this.hashing = hashing;
        this.nanos = nanos;
        this.secret = new SecretKeySpec(secret, "HmacSHA256");
    }

    String question(byte[] password, String hash) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            mac.update(hash.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return new String(mac.doFinal(password), StandardCharsets.ISO_8859_1);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    /** A verdict that is still fresh. */
    @Nullable Boolean known(String question) {
        synchronized (kept) {
            Kept verdict = kept.get(question);
            if (verdict == null) {
                return null;
            }
            if (nanos.getAsLong() - verdict.until >= 0) {
                kept.remove(question);
                return null;
            }
            return verdict.matches;
        }
    }

    /**
     * @throws RejectedExecutionException when too many wait already
     */
    CompletionStage<Boolean> ask(String question, byte[] password, String hash) {
        CompletableFuture<Boolean> own = new CompletableFuture<>();
        CompletableFuture<Boolean> other = asked.putIfAbsent(question, own);
        if (other != null) {
            return other;
        }
        try {
            hashing.execute(() -> answer(question, password, hash, own));
        } catch (RejectedExecutionException e) {
            asked.remove(question, own);
            own.completeExceptionally(e);
            refused.increment();
            throw e;
        }
        return own;
    }

    /** How many checks were refused because too many waited. */
    public long refused() {
        return refused.sum();
    }

    private void answer(
            String question, byte[] password, String hash, CompletableFuture<Boolean> own) {
        try {
            boolean matches = PasswordHash.matches(password, hash);
            keep(question, matches);
            own.complete(matches);
        } catch (RuntimeException e) {
            own.completeExceptionally(e);
        } finally {
            asked.remove(question, own);
        }
    }

    private void keep(String question, boolean matches) {
        synchronized (kept) {
            kept.put(question, new Kept(matches, nanos.getAsLong() + KEPT.toNanos()));
            if (kept.size() > MAX_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        }
    }
}
