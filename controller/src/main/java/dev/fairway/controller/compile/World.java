package dev.fairway.controller.compile;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.controller.compile.Problem.Subject;
import dev.fairway.controller.compile.annotation.Surroundings;
import dev.fairway.controller.compile.certificate.AuthorityBundle;
import dev.fairway.controller.compile.certificate.PairMemory;
import dev.fairway.controller.compile.certificate.PemPair;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackendBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The cluster, the options and what was retained, as one pass sees and extends them. */
final class World implements Surroundings {
    static final KeyId SEED = new KeyId("seed/affinity");

    private final Catalogue catalogue;
    private final CompileOptions options;
    private final Map<KeyId, Keys.Key> retained;
    private final PairMemory pairs;
    private final Supplier<Keys.Key> seed;
    private final Problems problems = new Problems();
    private final Backends backends;
    private final Map<KeyId, Keys.Key> published = new HashMap<>();
    private final Optional<BackendId> defaultBackend;

    World(
            Catalogue catalogue,
            CompileOptions options,
            Map<KeyId, Keys.Key> retained,
            PairMemory pairs,
            Supplier<Keys.Key> seed) {
        this.catalogue = catalogue;
        this.options = options;
        this.retained = retained;
        this.pairs = pairs;
        this.seed = seed;
        this.backends = new Backends(catalogue, options.compatible(), problems);
        this.defaultBackend = options.defaultBackendService().flatMap(this::defaultBackend);
    }

    CompileOptions options() {
        return options;
    }

    Problems problems() {
        return problems;
    }

    Backends backends() {
        return backends;
    }

    Map<KeyId, Keys.Key> published() {
        return published;
    }

    /** {@code namespace/name[:port]}; without a port the Service's first one. */
    private Optional<BackendId> defaultBackend(String written) {
        Subject subject = new Subject("Service", "", Printable.plain(written));
        if (!written.matches(
                "[a-z0-9][-a-z0-9]{0,62}/[a-z0-9][-a-z0-9]{0,62}(:[-a-zA-Z0-9]{1,63})?")) {
            problems.report(
                    ProblemCode.DEFAULT_BACKEND_INVALID,
                    subject,
                    "--default-backend-service",
                    Printable.quoted(written) + " is not namespace/name[:port]; it is not used");
            return Optional.empty();
        }
        int slash = written.indexOf('/');
        int colon = written.indexOf(':');
        String namespace = written.substring(0, slash);
        String service = written.substring(slash + 1, colon < 0 ? written.length() : colon);
        String port = colon < 0 ? "" : written.substring(colon + 1);
        Optional<BackendId> first = backends.firstPort(namespace, service);
        if (port.isEmpty() && first.isPresent()) {
            return first;
        }
        IngressServiceBackendBuilder backend = new IngressServiceBackendBuilder().withName(service);
        if (port.matches("[0-9]{1,5}")) {
            backend.withNewPort().withNumber(Integer.parseInt(port)).endPort();
        } else if (!port.isEmpty()) {
            backend.withNewPort().withName(port).endPort();
        }
        return Optional.of(
                backends.resolve(
                                namespace,
                                backend.build(),
                                new Subject("Service", namespace, service),
                                "--default-backend-service")
                        .id());
    }

    @Override
    public boolean compatible() {
        return options.compatible();
    }

    @Override
    public String annotationsPrefix() {
        return options.annotationsPrefix();
    }

    @Override
    public Optional<String> config(String key) {
        return Optional.ofNullable(options.config().get(key));
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return catalogue.secret(namespace, name);
    }

    @Override
    public Optional<BackendId> firstPort(String namespace, String service) {
        return backends.firstPort(namespace, service);
    }

    @Override
    public Optional<BackendId> controllerDefaultBackend() {
        return defaultBackend;
    }

    @Override
    public PemPair pair(String chainPem, String keyPem) {
        return pairs.read(chainPem, keyPem);
    }

    @Override
    public AuthorityBundle authorities(String caPem, Optional<String> crlPem) {
        return pairs.authorities(caPem, crlPem);
    }

    @Override
    public Optional<Keys.Key> retained(KeyId id) {
        return Optional.ofNullable(retained.get(id));
    }

    @Override
    public void publish(KeyId id, Keys.Key key) {
        published.put(id, key);
    }

    @Override
    public KeyId affinitySeed() {
        published.computeIfAbsent(SEED, id -> seed.get());
        return SEED;
    }

    @Override
    public void report(Problem problem) {
        problems.report(problem);
    }
}
