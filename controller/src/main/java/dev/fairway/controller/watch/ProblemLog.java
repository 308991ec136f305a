package dev.fairway.controller.watch;

import dev.fairway.controller.compile.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line when a problem comes, one when it is gone. Used by the loop's thread. */
final class ProblemLog {

    private static final Logger log = LoggerFactory.getLogger("problem");

    private Set<Problem> known = Set.of();

    void update(List<Problem> problems) {
        Set<Problem> now = new HashSet<>(problems);
        for (Problem problem : new TreeSet<>(now)) {
            if (!known.contains(problem)) {
                log.warn(
                        "{}: {}{}: {}",
                        problem.code(),
                        problem.object(),
                        at(problem),
                        problem.text());
            }
        }
        for (Problem problem : new TreeSet<>(known)) {
            if (!now.contains(problem)) {
                log.info("resolved: {}: {}{}", problem.code(), problem.object(), at(problem));
            }
        }
        known = now;
    }

    private static String at(Problem problem) {
        return problem.field().isEmpty() ? "" : ", " + problem.field();
    }
}
