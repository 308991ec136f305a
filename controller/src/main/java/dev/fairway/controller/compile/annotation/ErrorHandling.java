package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.Policy;
import dev.fairway.controller.compile.Printable;
import dev.fairway.controller.compile.ProblemCode;
import java.util.List;
import java.util.Optional;

/**
 * {@code custom-http-errors}, {@code default-backend} and {@code disable-proxy-intercept-errors}.
 * Pages come from the annotation's Service, else from the controller's default backend.
 */
final class ErrorHandling implements Feature {
    private static final Setting<List<Integer>> STATUSES =
            Setting.of("custom-http-errors", Grammars.statuses(400, 599))
                    .withConfig("custom-http-errors");
    private static final Setting<String> BACKEND =
            Setting.of(
                    "default-backend",
                    new Grammar<>(
                            "a Service's name",
                            text -> Grammars.matching(text, "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")));
    private static final Setting<Boolean> KEEP_ERRORS =
            Setting.of("disable-proxy-intercept-errors", Grammars.BOOL);

    @Override
    public List<Setting<?>> settings() {
        return List.of(STATUSES, BACKEND, KEEP_ERRORS);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        Optional<BackendId> fallback =
                annotations.read(BACKEND).flatMap(service -> backend(location, service));
        fallback.ifPresent(backend -> location.add(new Policy.FallbackBackend(backend)));
        List<Integer> statuses = annotations.read(STATUSES).orElse(List.of());
        boolean keep = annotations.read(KEEP_ERRORS).orElse(false);
        if (statuses.isEmpty() || keep) {
            return;
        }
        Optional<BackendId> pages = fallback.or(location.around()::controllerDefaultBackend);
        pages.ifPresent(backend -> location.add(new Policy.ErrorPages(statuses, backend)));
        if (pages.isEmpty() && annotations.says(STATUSES)) {
            annotations.report(
                    ProblemCode.IGNORED_ANNOTATION,
                    STATUSES,
                    "needs a default-backend annotation or the controller's default backend; the"
                            + " backend's own errors are passed on");
        }
    }

    private static Optional<BackendId> backend(Location location, String service) {
        Optional<BackendId> backend =
                location.around().firstPort(location.place().namespace(), service);
        if (backend.isEmpty()) {
            location.annotations()
                    .report(
                            ProblemCode.SERVICE_MISSING,
                            BACKEND,
                            "names the Service "
                                    + Printable.quoted(service)
                                    + ", which doesn't exist in the namespace or has no TCP port;"
                                    + " it is not used");
        }
        return backend;
    }
}
