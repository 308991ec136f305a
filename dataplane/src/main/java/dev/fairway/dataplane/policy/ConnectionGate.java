package dev.fairway.dataplane.policy;

import dev.fairway.contract.Policy.ConnectionLimit;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.message.PolicyContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests in flight per client; given back when the exchange ends, however it ends. */
final class ConnectionGate {
    private final String key;
    private final int max;
    private final AddressSet exempt;
    private final Answer refusal;
    private final LimiterRegistry registry;

    ConnectionGate(ConnectionLimit policy, LimiterRegistry registry) {
        this.key = "connections/" + policy.id();
        this.max = policy.max();
        this.exempt = new AddressSet(policy.exempt());
        this.registry = registry;
        this.refusal =
                new Answer(
                        policy.status(),
                        policy.status() == 429
                                ? List.of(new Header("Retry-After", "1"))
                                : List.of(),
                        "Too many requests at once.",
                        "connection-limited");
    }

    @Nullable Answer check(PolicyContext context) {
        byte[] address = context.request().clientAddress();
        if (exempt.contains(address)) {
            return null;
        }
        ClientKey client = ClientKey.of(key, address);
        if (!registry.acquire(client, max)) {
            registry.countRejection();
            return refusal;
        }
        context.onFinish(() -> registry.release(client));
        return null;
    }
}
