package dev.fairway.dataplane.proxy;

import dev.fairway.dataplane.balance.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What one request waits for of its client while it has a place at an endpoint: the rest of its body,
 * or that its response is taken. Listed in its loop's {@link ClientWaits} meanwhile. Owned by that loop;
 * serves again with its delivery.
 */
final class ClientWait {
    /** So long a wait may be the network's. */
    private static final long FORGIVEN_NANOS = 1_000_000_000;

    private final Loop loop;
    private final Delivery delivery;
    @Nullable ClientWait before;
    @Nullable ClientWait after;
    private boolean uploads;
    private boolean stalls;
    private boolean listed;
    private boolean gaveWay;
    private long since;

    ClientWait(Loop loop, Delivery delivery) {
        this.loop = loop;
        this.delivery = delivery;
    }

    /** The body is on its way. */
    void uploads(Attempt attempt) {
        attempt.uploads();
        uploads = true;
        list();
    }

    /** All of the body is here. */
    void uploaded(@Nullable Attempt attempt) {
        if (attempt != null) {
            attempt.uploaded();
            if (stalls) {
                attempt.stalls();
            }
        }
        uploads = false;
        settle();
    }

    /** The client takes no more of the response. */
    void stalls(Attempt attempt) {
        if (!stalls) {
            stalls = true;
            attempt.stalls();
            list();
        }
    }

    /** It takes more. */
    void goesOn(Attempt attempt) {
        if (stalls) {
            stalls = false;
            attempt.goesOn();
            settle();
        }
    }

    /** The request is over. */
    void over() {
        uploads = false;
        stalls = false;
        gaveWay = false;
        settle();
    }

    private void list() {
        if (!listed) {
            listed = true;
            since = loop.now();
            loop.waits().add(this);
        }
    }

    private void settle() {
        if (listed && !uploads && !stalls) {
            listed = false;
            loop.waits().remove(this);
        }
    }

    /**
     * Whether it has a place there that it can give way.
     *
     * @param upload among those whose bodies are on their way; else among those not taken
     */
    boolean holds(Endpoint endpoint, boolean upload) {
        return uploads == upload && !gaveWay && delivery.waitsForClient(endpoint, upload);
    }

    /** Whether its response has not been taken for so long. */
    boolean stalledFor(long nanos, long now) {
        return stalls && !uploads && !gaveWay && now - since >= nanos;
    }

    Connections.Source source() {
        return delivery.source();
    }

    /** How long it has waited for each byte. */
    double slowness(long now) {
        return (double) (now - since) / (1 + moved());
    }

    private long moved() {
        return stalls ? 0 : delivery.uploadedBytes();
    }

    /** Whether it is slower than a client may be; a call lasts as long as its caller wants. */
    boolean slow(long now, int bytesPerSecond) {
        long waited = now - since;
        return waited >= FORGIVEN_NANOS
                && (stalls || !delivery.isCall())
                && moved() < bytesPerSecond * (waited / 1_000_000) / 1000;
    }

    /** Its place is free at once; its end follows, since others of the loop are in the middle of it. */
    void giveWay() {
        gaveWay = true;
        delivery.leavePlace();
        loop.execute(() -> {
            if (gaveWay) {
                delivery.endForOthers();
            }
        });
    }
}
