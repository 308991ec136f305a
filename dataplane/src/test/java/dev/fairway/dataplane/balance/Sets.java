package dev.fairway.dataplane.balance;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Endpoints;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** A registry under an injected clock and injected chance, with one backend. */
final class Sets {
    static final BackendId ID = new BackendId("ns", "service", 80);

    final AtomicLong now = new AtomicLong(5_000_000_000L);
    final Chance chance = new Random(42)::nextInt;
    final EndpointRegistry registry = new EndpointRegistry(now::get, chance);
    final Backend backend = registry.backend(ID);

    Sets ready(int count) {
        Endpoints.Condition[] conditions = new Endpoints.Condition[count];
        java.util.Arrays.fill(conditions, Endpoints.Condition.READY);
        return apply(conditions);
    }

    /** Endpoint i is 10.0.0.i. */
    Sets apply(Endpoints.Condition... conditions) {
        List<Endpoints.Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < conditions.length; i++) {
            if (conditions[i] != null) {
                endpoints.add(new Endpoints.Endpoint("10.0.0." + i, 8080, conditions[i]));
            }
        }
        registry.apply(new Endpoints(List.of(new Endpoints.EndpointSet(ID, endpoints))));
        return this;
    }

    Endpoint endpoint(int index) {
        return backend.endpoints().get(index);
    }

    void pass(long seconds) {
        now.addAndGet(seconds * 1_000_000_000L);
    }

    void fail(Endpoint endpoint, int times) {
        for (int i = 0; i < times; i++) {
            endpoint.begin();
            endpoint.end(Endpoint.Result.CONNECT_FAILED, 1000);
        }
    }

    static Map<Endpoint, Integer> count(Selection selection, int picks, Endpoint... tried) {
        Map<Endpoint, Integer> counts = new HashMap<>();
        for (int i = 0; i < picks; i++) {
            counts.merge(selection.pick(tried(tried)), 1, Integer::sum);
        }
        return counts;
    }

    static Tried tried(Endpoint... endpoints) {
        Tried tried = new Tried();
        for (Endpoint endpoint : endpoints) {
            tried.add(endpoint);
        }
        return tried;
    }
}
