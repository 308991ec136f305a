package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Template;
import dev.fairway.contract.TemplatePart;
import dev.fairway.controller.compile.ProblemCode;
import java.util.List;
import java.util.Optional;

/**
 * {@code rewrite-target}, {@code x-forwarded-prefix} and {@code use-regex}: what is forwarded. What they do to matching is
 * decided where paths are (see {@link #wantsRegex}).
 */
public final class Rewrites implements Feature {
    private static final Setting<Template> TARGET =
            Setting.of(
                    "rewrite-target",
                    new Grammar<>(
                            "a path of letters, digits and -._~/:$, with $1 to $9 for captures",
                            text ->
                                    Grammars.matching(text, "/?[-._~a-zA-Z0-9/$:]*")
                                            .flatMap(path -> Templates.parse(path, true))));
    private static final Setting<Template> PREFIX =
            Setting.of(
                    "x-forwarded-prefix",
                    new Grammar<>(
                            "a path of letters, digits and -._~/:$, with $1 to $9 for captures",
                            text ->
                                    Grammars.matching(text, "/?[-._~a-zA-Z0-9/$:]*")
                                            .flatMap(path -> Templates.parse(path, true))));
    private static final Setting<Boolean> USE_REGEX = Setting.of("use-regex", Grammars.BOOL);

    /** Whether the paths of this Ingress are patterns; in compatibility mode, of its whole host. */
    public static boolean wantsRegex(Annotations annotations) {
        boolean rewrites = annotations.readOwn(TARGET).isPresent();
        return annotations.readOwn(USE_REGEX).orElse(false) || rewrites;
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(TARGET, PREFIX, USE_REGEX);
    }

    @Override
    public void compile(Location location) {
        if (location.around().compatible()) {
            location.add(new Policy.KeepRepeatedSlashes());
        }
        if (location.place().kind() != Place.Kind.RULE) {
            return;
        }
        Annotations annotations = location.annotations();
        Optional<Template> target = annotations.readOwn(TARGET);
        Optional<Template> prefix = annotations.readOwn(PREFIX);
        if (prefix.isPresent() && target.isEmpty()) {
            annotations.report(
                    ProblemCode.IGNORED_ANNOTATION, PREFIX, "has no effect without rewrite-target");
        }
        if (target.isEmpty() || target.get().equals(Template.of(location.place().writtenPath()))) {
            return;
        }
        boolean captures =
                target.get().parts().stream().anyMatch(p -> p instanceof TemplatePart.Capture);
        if (captures && !(location.place().path() instanceof PathMatch.Regex)) {
            annotations.report(
                    ProblemCode.IGNORED_ANNOTATION,
                    TARGET,
                    "uses captures, but a path of the Ingress is no pattern; they are empty there");
        }
        location.add(new Policy.Rewrite(target.get(), prefix));
    }
}
