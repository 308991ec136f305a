package dev.fairway.controller.watch;

import dev.fairway.controller.compile.Problem;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The objects that problems are about, found in a view. */
final class Subjects {
    private Subjects() {}

    static Map<Problem.Subject, HasMetadata> of(View view, List<Problem> problems) {
        Set<Problem.Subject> wanted =
                problems.stream().map(Problem::object).collect(Collectors.toSet());
        Map<Problem.Subject, HasMetadata> found = new HashMap<>();
        if (wanted.isEmpty()) {
            return found;
        }
        Stream.of(
                        view.state().ingresses(),
                        view.state().classes(),
                        view.state().services(),
                        view.state().slices(),
                        view.state().secrets(),
                        view.state().configMaps(),
                        view.dataPlane().stream().toList())
                .flatMap(List::stream)
                .forEach(object -> {
                    Problem.Subject subject = subject(object);
                    if (wanted.contains(subject)) {
                        found.put(subject, object);
                    }
                });
        return found;
    }

    private static Problem.Subject subject(HasMetadata object) {
        return new Problem.Subject(
                object.getKind(),
                Objects.requireNonNullElse(object.getMetadata().getNamespace(), ""),
                object.getMetadata().getName());
    }
}
