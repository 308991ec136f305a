package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.compile.ProblemCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One route while features give it policies. Owned by one compile. */
public final class Location {
    private static final Comparator<Policy> BY_KIND =
            Comparator.comparing((Policy policy) -> policy.getClass().getSimpleName())
                    .thenComparing(
                            policy -> policy instanceof Policy.RateLimit limit ? limit.id() : "");

    private final Annotations annotations;
    private final Place place;
    private final List<Policy> policies = new ArrayList<>();
    private boolean closed;

    public Location(Annotations annotations, Place place) {
        this.annotations = annotations;
        this.place = place;
    }

    Annotations annotations() {
        return annotations;
    }

    Surroundings around() {
        return annotations.around();
    }

    Place place() {
        return place;
    }

    void add(Policy policy) {
        policies.add(policy);
    }

    /** This route can't be served: it answers 503. */
    void close(ProblemCode code, Setting<?> setting, String what) {
        closed = true;
        annotations.report(code, setting, what);
    }

    /** As above, where no annotation is to blame. */
    public void close(ProblemCode code, String field, String text) {
        closed = true;
        around().report(new Problem(code.word(), annotations.ingress(), field, text));
    }

    /** Whether the route answers 503 whatever its backend is. */
    public boolean closed() {
        return closed || annotations.refused();
    }

    /** Sorted by kind. */
    public List<Policy> policies() {
        return sorted(policies);
    }

    /** The contract's order of a route's policies. */
    public static List<Policy> sorted(List<Policy> policies) {
        return policies.stream().sorted(BY_KIND).toList();
    }
}
