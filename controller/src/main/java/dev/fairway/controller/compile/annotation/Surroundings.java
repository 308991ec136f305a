package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.compile.certificate.AuthorityBundle;
import dev.fairway.controller.compile.certificate.PemPair;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Optional;

/** What a feature may know of the cluster beyond its own Ingress. */
public interface Surroundings {

    /** DESIGN section 4: what no annotation says is as ingress-nginx does it. */
    boolean compatible();

    String annotationsPrefix();

    /** A ConfigMap value. */
    Optional<String> config(String key);

    Optional<Secret> secret(String namespace, String name);

    /** The first TCP port of a Service. */
    Optional<BackendId> firstPort(String namespace, String service);

    /** {@code --default-backend-service}. */
    Optional<BackendId> controllerDefaultBackend();

    PemPair pair(String chainPem, String keyPem);

    AuthorityBundle authorities(String caPem, Optional<String> crlPem);

    /** What was published under this id last. */
    Optional<Keys.Key> retained(KeyId id);

    /** Publishes key material, if a route refers to it in the end. */
    void publish(KeyId id, Keys.Key key);

    /** The seed that signs affinity cookies. */
    KeyId affinitySeed();

    void report(Problem problem);
}
