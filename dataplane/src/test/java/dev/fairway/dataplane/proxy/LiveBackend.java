package dev.fairway.dataplane.proxy;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Endpoints.Condition;
import dev.fairway.contract.Policy.LoadBalance;
import dev.fairway.dataplane.balance.Backend;
import dev.fairway.dataplane.balance.Balancing;
import dev.fairway.dataplane.balance.EndpointRegistry;
import dev.fairway.dataplane.balance.Selection;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Raw backends as the endpoints of one Service, in the registry that the data plane has; under an injected clock. */
final class LiveBackend {
    private static final BackendId ID = new BackendId("shop", "web", 80);

    final AtomicLong nanos = new AtomicLong(1_000_000_000L);
    final EndpointRegistry registry = new EndpointRegistry(nanos::get, new Random(42)::nextInt);
    final Backend backend = registry.backend(ID);
    final Selection plain =
            Balancing.of(
                    new LoadBalance(LoadBalance.Algorithm.ROUND_ROBIN),
                    backend,
                    new Random(42)::nextInt);
    private final List<Endpoints.Endpoint> declared = new ArrayList<>();

    /** Says of one what the controller would; applied with the others by {@link #publish}. */
    LiveBackend with(RawBackend endpoint, Condition condition) {
        InetSocketAddress address = endpoint.fixture.endpoint.address();
        declared.add(
                new Endpoints.Endpoint(
                        address.getAddress().getHostAddress(), address.getPort(), condition));
        return this;
    }

    void publish() {
        registry.apply(
                new Endpoints(List.of(new Endpoints.EndpointSet(ID, List.copyOf(declared)))));
        declared.clear();
    }
}
