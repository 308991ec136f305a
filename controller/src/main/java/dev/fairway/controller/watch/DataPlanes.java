package dev.fairway.controller.watch;

import dev.fairway.contract.resource.DataPlane;
import dev.fairway.contract.resource.DataPlaneStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one {@code DataPlane} object this controller serves, reconciled by java-operator-sdk: a
 * change of its spec wakes the loop, a publication brings its status up to date. Where the custom
 * resource isn't installed there is none, and the loop lives by flags.
 *
 * <p>Thread-safe. Reconciliations run on the framework's threads.
 */
public final class DataPlanes {

    private static final Logger log = LoggerFactory.getLogger(DataPlanes.class);

    /** How long the API server may take to say whether it knows the resource. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

    /** How soon a resource that is installed later is noticed. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    /** Status is written at most twice in this time; more often it would tell nobody more. */
    private static final Duration STATUS_PERIOD = Duration.ofSeconds(2);

    private static final Duration POLL = Duration.ofMillis(200);

    private static final Duration SYNC = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final Scope.Name served;
    private final Publications publications = new Publications();

    /** What was published last; written by the loop, read by reconciliations. */
    private volatile @Nullable DataPlaneStatus status;

    /** The framework's cache; written once, by the thread that starts it. */
    private volatile @Nullable IndexerResourceCache<DataPlane> cache;

    private volatile boolean synced;
    private volatile @Nullable Operator operator;
    private volatile boolean closed;

    public DataPlanes(KubernetesClient client, Scope.Name served) {
        this.client = client;
        this.served = served;
    }

    /** Returns at once; {@link #synced} tells when {@link #current} can be believed. */
    void start(Runnable changed, Consumer<String> died) {
        Thread.ofVirtual()
                .name("data-planes")
                .start(() -> {
                    try {
                        if (!installed()) {
                            log.info(
                                    "The DataPlane resource is not installed: flags alone"
                                            + " count");
                            synced = true;
                            changed.run();
                            while (!installed()) {
                                Thread.sleep(LOOK_AGAIN);
                            }
                        }
                        reconcile(changed, died);
                        synced = true;
                        changed.run();
                    } catch (OperatorException e) {
                        died.accept("DataPlane reconciler (" + e.getMessage() + ")");
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    boolean synced() {
        return synced;
    }

    Optional<DataPlane> current() {
        IndexerResourceCache<DataPlane> known = cache;
        return known == null
                ? Optional.empty()
                : known.get(new ResourceID(served.name(), served.namespace()));
    }

    /** The loop published; only a leader calls this. */
    public void published(DataPlaneStatus now) {
        if (!now.equals(status)) {
            status = now;
            if (cache != null) {
                publications.happened(new ResourceID(served.name(), served.namespace()));
            }
        }
    }

    void close() {
        closed = true;
        Operator running = operator;
        if (running != null) {
            running.stop();
        }
    }

    private boolean installed() throws InterruptedException {
        while (!closed) {
            try {
                return client.supports(DataPlane.class);
            } catch (KubernetesClientException e) {
                log.warn("Is the DataPlane resource installed? {}; asking again", e.getMessage());
                Thread.sleep(ASK_AGAIN);
            }
        }
        throw new InterruptedException("closed");
    }

    /** An error is never an empty list: the framework starts without one when it must. */
    private void awaitFirstList() throws InterruptedException {
        Operator started = operator;
        while (started != null
                && !closed
                && !started.getRuntimeInfo()
                        .unhealthyInformerWrappingEventSourceHealthIndicator()
                        .isEmpty()) {
            Thread.sleep(POLL);
        }
    }

    private void reconcile(Runnable changed, Consumer<String> died) {
        Operator starting =
                new Operator(settings ->
                        settings.withKubernetesClient(client)
                                .withCloseClientOnStop(false)
                                .withStopOnInformerErrorDuringStartup(false)
                                .withCacheSyncTimeout(SYNC)
                                .withInformerStoppedHandler((informer, error) -> {
                                    if (!closed) {
                                        died.accept("DataPlane informer");
                                    }
                                }));
        starting.register(
                new StatusReconciler(changed),
                settings ->
                        settings.withName("data-plane")
                                .settingNamespaces(Set.of(served.namespace()))
                                // up to ten publications a second must not be as many writes
                                .withRateLimiter(new LinearRateLimiter(STATUS_PERIOD, 2))
                                // a deleted object changes what we publish, too
                                .withTriggerReconcilerOnAllEvents(true));
        operator = starting;
        starting.start();
    }

    /** Brings one object's status up to date. */
    private final class StatusReconciler implements Reconciler<DataPlane> {
        private final Runnable changed;

        StatusReconciler(Runnable changed) {
            this.changed = changed;
        }

        @Override
        public List<EventSource<?, DataPlane>> prepareEventSources(
                EventSourceContext<DataPlane> context) {
            cache = context.getPrimaryCache();
            return List.of(publications);
        }

        @Override
        public UpdateControl<DataPlane> reconcile(DataPlane object, Context<DataPlane> context) {
            if (!served.equals(
                    new Scope.Name(
                            object.getMetadata().getNamespace(), object.getMetadata().getName()))) {
                return UpdateControl.noUpdate();
            }
            changed.run();
            DataPlaneStatus now = status;
            if (context.isPrimaryResourceDeleted()
                    || now == null
                    || now.equals(object.getStatus())) {
                return UpdateControl.noUpdate();
            }
            DataPlane patch = new DataPlane();
            patch.setMetadata(
                    new ObjectMetaBuilder()
                            .withNamespace(served.namespace())
                            .withName(served.name())
                            .build());
            patch.setStatus(now);
            return UpdateControl.patchStatus(patch);
        }
    }

    /** Publications as events of the object that they are for. */
    private static final class Publications extends AbstractEventSource<Void, DataPlane> {
        Publications() {
            super(Void.class, "publications");
        }

        void happened(ResourceID dataPlane) {
            if (isRunning()) {
                getEventHandler().handleEvent(new Event(dataPlane));
            }
        }

        @Override
        public Set<Void> getSecondaryResources(DataPlane primary) {
            return Set.of();
        }
    }
}
