package dev.fairway.controller.publish;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leader election on a Lease (coordination.k8s.io/v1), by the rules of client-go: a lease is free
 * when it has not been seen to change for its duration <em>on our own monotonic clock</em>, so
 * clocks that differ or jump don't matter. It is an optimisation: what keeps two writers apart is
 * the manifest's epoch.
 *
 * <p>{@link #leading} turns false by itself when renewals stay out, also in a process that was
 * stopped for a while and hasn't noticed yet.
 */
public final class LeaseElection implements Leadership {

    private static final Logger log = LoggerFactory.getLogger(LeaseElection.class);

    /** How long others wait for us. */
    static final Duration LEASE = Duration.ofSeconds(15);

    /** How long we believe in ourselves without a renewal: less than others wait. */
    static final Duration RENEW = Duration.ofSeconds(10);

    static final Duration RETRY = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private final String identity;
    private final LongSupplier nanos;
    private final Runnable lost;
    private final Thread thread =
            Thread.ofPlatform().name("election").daemon().unstarted(this::run);

    /** Beginning of the last renewal that succeeded; written by {@link #thread} only. */
    private volatile long renewedAt;

    private volatile boolean held;
    private volatile boolean closed;
    private Runnable changed = () -> {};

    /** The lease as last seen, and since when; {@link #thread} only. */
    private @Nullable LeaseSpec seen;

    private long seenAt;

    /**
     * @param identity differs from every other replica's and from our own former life's
     * @param nanos a monotonic clock
     * @param lost called once we have led and see another hold the lease
     */
    public LeaseElection(
            KubernetesClient client,
            String namespace,
            String name,
            String identity,
            LongSupplier nanos,
            Runnable lost) {
        this.lost = lost;
        this.client = client;
        this.namespace = namespace;
        this.name = name;
        this.identity = identity;
        this.nanos = nanos;
    }

    @Override
    public void start(Runnable changed) {
        this.changed = changed;
        thread.start();
    }

    @Override
    public boolean leading() {
        return held && nanos.getAsLong() - renewedAt < RENEW.toNanos();
    }

    /** Gives the lease back, so that another replica need not wait for its end. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (held) {
            held = false;
            release();
        }
    }

    private void run() {
        while (!closed) {
            boolean before = held;
            long begin = nanos.getAsLong();
            try {
                if (acquireOrRenew(begin)) {
                    renewedAt = begin;
                    held = true;
                } else {
                    held = false;
                }
            } catch (KubernetesClientException e) {
                if (!closed) {
                    log.warn("Lease {}/{}: {}", namespace, name, e.getMessage());
                }
                held = leading();
            }
            if (before != held) {
                log.info(
                        held ? "Holding the lease {}/{}" : "Lost the lease {}/{}", namespace, name);
                changed.run();
            }
            try {
                // a little chance, or replicas try in lockstep
                Thread.sleep(RETRY.toMillis() + (held ? 0 : (long) (Math.random() * 400)));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private boolean acquireOrRenew(long now) {
        Lease lease = client.leases().inNamespace(namespace).withName(name).get();
        if (lease == null) {
            return write(null, 0);
        }
        LeaseSpec spec = lease.getSpec() == null ? new LeaseSpec() : lease.getSpec();
        if (!spec.equals(seen)) {
            seen = spec;
            seenAt = now;
        }
        String holder = Objects.requireNonNullElse(spec.getHolderIdentity(), "");
        int transitions = Objects.requireNonNullElse(spec.getLeaseTransitions(), 0);
        if (holder.equals(identity)) {
            return write(lease, transitions);
        }
        long seconds =
                Objects.requireNonNullElse(spec.getLeaseDurationSeconds(), (int) LEASE.toSeconds());
        boolean free = holder.isEmpty() || now - seenAt > Duration.ofSeconds(seconds).toNanos();
        if (!free && renewedAt != 0 && !closed) {
            held = false;
            lost.run();
        }
        return free && write(lease, transitions + 1);
    }

    /** False when somebody was quicker. */
    private boolean write(@Nullable Lease old, int transitions) {
        ZonedDateTime time = ZonedDateTime.now(ZoneOffset.UTC);
        LeaseSpec before = old == null ? null : old.getSpec();
        boolean ours = before != null && identity.equals(before.getHolderIdentity());
        Lease lease =
                new LeaseBuilder()
                        .withMetadata(
                                old != null
                                        ? old.getMetadata()
                                        : new ObjectMetaBuilder()
                                                .withNamespace(namespace)
                                                .withName(name)
                                                .build())
                        .withNewSpec()
                        .withHolderIdentity(identity)
                        .withLeaseDurationSeconds((int) LEASE.toSeconds())
                        .withAcquireTime(ours && before != null ? before.getAcquireTime() : time)
                        .withRenewTime(time)
                        .withLeaseTransitions(transitions)
                        .endSpec()
                        .build();
        try {
            var resource = client.leases().inNamespace(namespace).resource(lease);
            if (old == null) {
                resource.create();
            } else {
                resource.update();
            }
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                return false;
            }
            throw e;
        }
    }

    private void release() {
        try {
            Lease lease = client.leases().inNamespace(namespace).withName(name).get();
            if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
                lease.getSpec().setHolderIdentity("");
                client.leases().inNamespace(namespace).resource(lease).update();
            }
        } catch (KubernetesClientException e) {
            log.info("The lease runs out by itself: {}", e.getMessage());
        }
    }
}
