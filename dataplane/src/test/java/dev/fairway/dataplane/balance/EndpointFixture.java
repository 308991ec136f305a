package dev.fairway.dataplane.balance;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Endpoints for tests of other packages, and what was told of them. */
public final class EndpointFixture {
    public final Endpoint endpoint;
    public final List<Endpoint.Result> results = new CopyOnWriteArrayList<>();

    public EndpointFixture(InetSocketAddress address) {
        endpoint =
                new Endpoint(
                        address,
                        Endpoint.State.READY,
                        new Health() {
                            @Override
                            public void record(Endpoint.Result result, long nanos) {
                                results.add(result);
                            }

                            @Override
                            public boolean ejected() {
                                return false;
                            }
                        },
                        0,
                        false);
    }

    public void state(Endpoint.State state) {
        endpoint.state(state);
    }
}
