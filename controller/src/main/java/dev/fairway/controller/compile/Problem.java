package dev.fairway.controller.compile;

import java.util.Comparator;

/**
 * Something that could not be honoured, or is about to fail; it costs only what it names.
 *
 * @param code a fixed word, the Event's reason, in CamelCase
 * @param object what it is about
 * @param field where in it, such as {@code spec.rules[0].http.paths[1].backend} or {@code
 *     metadata.annotations[nginx.ingress.kubernetes.io/limit-rps]}
 * @param text one sentence: what is wrong and what is done about it; no secret, at most 256
 *     characters of user bytes, control characters escaped
 */
public record Problem(String code, Subject object, String field, String text)
        implements Comparable<Problem> {

    /** The object a problem is reported on. */
    public record Subject(String kind, String namespace, String name) {
        @Override
        public String toString() {
            return kind + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
        }
    }

    private static final Comparator<Problem> ORDER =
            Comparator.comparing((Problem p) -> p.object.kind())
                    .thenComparing(p -> p.object.namespace())
                    .thenComparing(p -> p.object.name())
                    .thenComparing(Problem::field)
                    .thenComparing(Problem::code)
                    .thenComparing(Problem::text);

    @Override
    public int compareTo(Problem other) {
        return ORDER.compare(this, other);
    }
}
