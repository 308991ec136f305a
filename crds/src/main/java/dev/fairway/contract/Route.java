package dev.fairway.contract;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One path of one host, what is done with it, and under which policies.
 *
 * @param id stable across recompilations of an unchanged rule
 * @param origin the object it comes from, for logs, metrics and error pages
 * @param path what matches
 * @param action what is done
 * @param policies at most one of each kind, sorted by kind; the order in which they <em>run</em> is
 *     the data plane's fixed one
 */
public record Route(
        String id, Origin origin, PathMatch path, Action action, List<Policy> policies) {

    public Route {
        Valid.name(id, "route id");
        policies = List.copyOf(policies);
        Set<Class<?>> kinds = new HashSet<>();
        for (Policy policy : policies) {
            Valid.that(
                    policy instanceof Policy.RateLimit || kinds.add(policy.getClass()),
                    "two policies of kind %s",
                    policy.getClass().getSimpleName());
        }
    }

    /**
     * @param namespace the Ingress's namespace, empty for the controller's own default backend
     * @param ingress the Ingress's name
     * @param service the Service's name, empty when there is none
     * @param servicePort the Service port as the Ingress wrote it, name or number
     */
    public record Origin(String namespace, String ingress, String service, String servicePort) {}

    public sealed interface Action {

        /** Proxy to a backend. */
        record Forward(BackendId backend) implements Action {}

        /** Answer at once with an error of our own; fails closed where a setting is refused. */
        record Answer(int status) implements Action {
            public Answer {
                Valid.status(status);
            }
        }

        /**
         * Redirect to another host or path of ours; the scheme, and what is absent, are the
         * request's own.
         *
         * @param status 301, 302, 303, 307 or 308
         * @param path with a leading slash; replaces the query as well
         */
        record Redirect(int status, Optional<String> host, Optional<String> path)
                implements Action {
            public Redirect {
                Valid.that(status >= 301 && status <= 308, "no redirect status: %d", status);
                host.ifPresent(name -> Valid.name(name, "host"));
                path.ifPresent(text -> Valid.text(text, "path", 2048));
            }
        }
    }
}
