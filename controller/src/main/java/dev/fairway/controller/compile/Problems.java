package dev.fairway.controller.compile;

import dev.fairway.controller.compile.Problem.Subject;
import java.util.List;
import java.util.TreeSet;

/** Gathers problems, each once, in order. Owned by one compile. */
final class Problems {
    private final TreeSet<Problem> all = new TreeSet<>();

    void report(ProblemCode code, Subject subject, String field, String text) {
        all.add(new Problem(code.word(), subject, field, text));
    }

    void report(Problem problem) {
        all.add(problem);
    }

    List<Problem> sorted() {
        return List.copyOf(all);
    }
}
