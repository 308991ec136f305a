package dev.fairway.controller.publish;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;

/** Deletions of what is kept; our own are told too, and cost a look. */
record Damage<T extends HasMetadata>(Runnable damaged) implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
        // additions do no harm
    }

    @Override
    public void onUpdate(T before, T after) {
        // chunks can't be changed; a manifest that others wrote is met at the next write or look
    }

    @Override
    public void onDelete(T object, boolean stateUnknown) {
        damaged.run();
    }
}
