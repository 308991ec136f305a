package dev.fairway.dataplane.generation;

import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Snapshot;
import dev.fairway.dataplane.observe.Journal;
import dev.fairway.dataplane.policy.LiveState;
import dev.fairway.dataplane.policy.RoutePlan;
import dev.fairway.dataplane.route.RouteTable;
import dev.fairway.dataplane.tls.ServerIdentities;
import dev.fairway.dataplane.tls.UpstreamContexts;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a verified snapshot to the active generation, on the loader's thread. What can fail comes
 * first; then endpoints and key material are put in place, the generation is swapped by one write,
 * and what only the generation before needed is let go.
 */
public final class GenerationBuilder implements Activation {
    private static final Logger log = LoggerFactory.getLogger(GenerationBuilder.class);

    private final LiveState live;
    private final CompiledHosts hosts;
    private final BackendAddresses addresses;
    private final ServerIdentities identities;
    private final UpstreamContexts upstream;
    private final Journal journal;
    private final Generations generations;

    // Owned by the loader's thread.
    private Endpoints applied = Endpoints.NONE;
    private List<String> problems = List.of();

    public GenerationBuilder(
            LiveState live,
            BackendAddresses addresses,
            ServerIdentities identities,
            UpstreamContexts upstream,
            Journal journal,
            Generations generations) {
        this.live = live;
        this.hosts = new CompiledHosts(live);
        this.addresses = addresses;
        this.identities = identities;
        this.upstream = upstream;
        this.journal = journal;
        this.generations = generations;
    }

    @Override
    public void activate(Candidate candidate) throws SnapshotRefused {
        long begun = System.nanoTime();
        BuiltGeneration before = generations.current();
        Endpoints endpoints =
                candidate.endpointsChanged() ? addresses.allowed(candidate.endpoints()) : applied;
        if (before == null || candidate.routesChanged() || candidate.keysChanged()) {
            rebuild(candidate, endpoints);
        } else {
            if (candidate.endpointsChanged()) {
                live.endpoints().apply(endpoints);
            }
            generations.swap(before.at(candidate.epoch(), candidate.sequence()));
        }
        applied = endpoints;
        tell(candidate, System.nanoTime() - begun);
    }

    private void rebuild(Candidate candidate, Endpoints endpoints) throws SnapshotRefused {
        Snapshot snapshot = candidate.snapshot();
        RouteTable<RoutePlan> routes = routes(candidate);
        ServerIdentities.Draft draft = identities.draft(snapshot, candidate.keys());
        BuiltGeneration next =
                new BuiltGeneration(
                        candidate.epoch(), candidate.sequence(), snapshot, routes, draft.table());

        if (candidate.endpointsChanged()) {
            // Requests of the generation before still pick from backends that this one has left.
            live.endpoints().apply(BackendAddresses.union(applied, endpoints));
        }
        upstream.adopt(candidate.keys());
        if (candidate.routesChanged()) {
            journal.follow(snapshot);
        }
        generations.swap(next);

        identities.adopt(draft);
        live.endpoints().apply(endpoints);
        report(draft.problems());
    }

    private RouteTable<RoutePlan> routes(Candidate candidate) throws SnapshotRefused {
        try {
            return hosts.table(candidate.snapshot(), candidate.keys());
        } catch (IllegalArgumentException e) {
            throw new SnapshotRefused("routes", String.valueOf(e.getMessage()));
        }
    }

    private void report(List<String> found) {
        if (!found.equals(problems)) {
            found.forEach(problem -> log.warn("{}", problem));
            problems = found;
        }
    }

    private static void tell(Candidate candidate, long nanos) {
        StringJoiner changed = new StringJoiner(", ");
        if (candidate.routesChanged()) {
            changed.add("routes");
        }
        if (candidate.endpointsChanged()) {
            changed.add("endpoints");
        }
        if (candidate.keysChanged()) {
            changed.add("keys");
        }
        Snapshot snapshot = candidate.snapshot();
        log.info(
                "snapshot {}.{} is active: {} changed; {} hosts, {} routes, {} backends with {}"
                        + " endpoints; {} ms",
                candidate.epoch(),
                candidate.sequence(),
                changed.length() == 0 ? "nothing" : changed,
                snapshot.hosts().size(),
                snapshot.hosts().stream().mapToInt(host -> host.routes().size()).sum(),
                candidate.endpoints().sets().size(),
                candidate.endpoints().sets().stream().mapToInt(s -> s.endpoints().size()).sum(),
                TimeUnit.NANOSECONDS.toMillis(nanos));
    }
}
