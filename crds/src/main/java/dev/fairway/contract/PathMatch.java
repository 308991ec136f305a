package dev.fairway.contract;

/** How a route's path is compared with the request's canonical path (no query). */
public sealed interface PathMatch {

    /** Byte equality. */
    record Exact(String path) implements PathMatch {
        public Exact {
            Valid.name(path, "path");
        }
    }

    /** Whole segments; a trailing slash in rule or request is ignored (Ingress pathType Prefix). */
    record Prefix(String path) implements PathMatch {
        public Prefix {
            Valid.name(path, "path");
        }
    }

    /** A plain string prefix: ingress-nginx's ImplementationSpecific. */
    record StringPrefix(String path) implements PathMatch {
        public StringPrefix {
            Valid.name(path, "path");
        }
    }

    /**
     * RE2 syntax, anchored at the start of the path and open at its end unless the pattern says
     * {@code $}. Groups are what {@link TemplatePart.Capture} refers to.
     */
    record Regex(String pattern, boolean caseInsensitive) implements PathMatch {
        public Regex {
            Valid.name(pattern, "path pattern");
        }
    }

    /** Every path: a default backend. */
    record Any() implements PathMatch {}
}
