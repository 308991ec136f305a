package dev.fairway.contract;

/**
 * What a rule's host may be (Ingress {@code spec.rules[].host}). Precedence: exact, then wildcard,
 * then any. Names are lower-case A-labels without a trailing dot and without a port.
 */
public sealed interface HostMatch {

    record Exact(String name) implements HostMatch {
        public Exact {
            Valid.name(name, "host");
        }
    }

    /** {@code *.suffix}: exactly one further label. */
    record Wildcard(String suffix) implements HostMatch {
        public Wildcard {
            Valid.name(suffix, "host");
        }
    }

    /** A rule without a host. */
    record Any() implements HostMatch {}
}
