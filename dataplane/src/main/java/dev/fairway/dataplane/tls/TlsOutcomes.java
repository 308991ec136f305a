package dev.fairway.dataplane.tls;

import java.util.concurrent.atomic.LongAdder;

/** What became of handshakes. Written by all loops. */
public final class TlsOutcomes {
    private final LongAdder completed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder refusedNames = new LongAdder();

    void handshake(boolean success) {
        (success ? completed : failed).increment();
    }

    void refusedName() {
        refusedNames.increment();
    }

    public long completed() {
        return completed.sum();
    }

    public long failed() {
        return failed.sum();
    }

    public long refusedNames() {
        return refusedNames.sum();
    }
}
