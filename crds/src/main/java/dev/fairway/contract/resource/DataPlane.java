package dev.fairway.contract.resource;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** {@code fairway.dev/v1alpha1 DataPlane}: a set of proxies that serve the same snapshot. */
@Group("fairway.dev")
@Version("v1alpha1")
@ShortNames("dp")
public class DataPlane extends CustomResource<DataPlaneSpec, DataPlaneStatus>
        implements Namespaced {
    private static final long serialVersionUID = 1L;
}
