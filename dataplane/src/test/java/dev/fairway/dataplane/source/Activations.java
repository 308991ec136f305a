package dev.fairway.dataplane.source;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.fairway.contract.HostMatch;
import dev.fairway.dataplane.generation.Activation;
import dev.fairway.dataplane.generation.Candidate;
import dev.fairway.dataplane.generation.SnapshotRefused;
import dev.fairway.dataplane.observe.SnapshotStatus;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Records what was activated, and refuses hosts named {@code refused.example}. */
final class Activations implements Activation {
    private final BlockingQueue<Candidate> seen = new LinkedBlockingQueue<>();

    @Override
    public void activate(Candidate candidate) throws SnapshotRefused {
        if (host(candidate).equals("refused.example")) {
            throw new SnapshotRefused("routes", "a host that can't be built");
        }
        if (host(candidate).equals("broken.example")) {
            throw new IllegalStateException("a bug of ours");
        }
        seen.add(candidate);
    }

    static String host(Candidate candidate) {
        return candidate.snapshot().hosts().isEmpty()
                ? ""
                : ((HostMatch.Exact) candidate.snapshot().hosts().getFirst().host()).name();
    }

    Candidate next() throws InterruptedException {
        Candidate candidate = seen.poll(10, TimeUnit.SECONDS);
        assertNotNull(candidate, "nothing was activated in 10 s");
        return candidate;
    }

    void noneFor(long millis) throws InterruptedException {
        assertNull(seen.poll(millis, TimeUnit.MILLISECONDS), "something was activated");
    }

    static void refusal(SnapshotStatus status, String reason) throws InterruptedException {
        for (int i = 0; i < 1_000; i++) {
            SnapshotStatus.Refusal last = status.lastRefusal();
            if (last != null && last.reason().equals(reason)) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no refusal for " + reason + " but " + status.lastRefusal());
    }
}
