package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import dev.fairway.contract.Policy.Cors.Origin;
import dev.fairway.controller.compile.Printable;
import dev.fairway.controller.compile.ProblemCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code enable-cors} and {@code cors-*}. Where ingress-nginx turns a malformed list of origins into
 * {@code *}, only the malformed ones are dropped here: a mistake must not open what it meant to
 * restrict.
 */
final class CrossOrigin implements Feature {
    private static final List<String> METHODS =
            List.of("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS");
    private static final List<String> HEADERS =
            List.of(
                    "DNT",
                    "Keep-Alive",
                    "User-Agent",
                    "X-Requested-With",
                    "If-Modified-Since",
                    "Cache-Control",
                    "Content-Type",
                    "Range",
                    "Authorization");
    private static final Duration MAX_AGE = Duration.ofSeconds(1_728_000);

    private static final Setting<Boolean> ENABLE = Setting.of("enable-cors", Grammars.BOOL);
    private static final Setting<List<String>> ORIGINS =
            Setting.of(
                    "cors-allow-origin",
                    Grammars.list(
                            "a comma-separated list of origins", new Grammar<>("", Optional::of)));
    private static final Setting<List<String>> ALLOW_METHODS =
            Setting.of(
                    "cors-allow-methods",
                    Grammars.list(
                            "a comma-separated list of methods",
                            new Grammar<>(
                                    "", text -> Grammars.matching(text, "[A-Za-z]{1,32}|\\*"))));
    private static final Setting<List<String>> ALLOW_HEADERS =
            Setting.of("cors-allow-headers", Grammars.HEADER_NAMES);
    private static final Setting<List<String>> EXPOSE =
            Setting.of("cors-expose-headers", Grammars.HEADER_NAMES);
    private static final Setting<Boolean> CREDENTIALS =
            Setting.of("cors-allow-credentials", Grammars.BOOL);
    private static final Setting<Duration> AGE = Setting.of("cors-max-age", Grammars.seconds(0));

    @Override
    public List<Setting<?>> settings() {
        return List.of(ENABLE, ORIGINS, ALLOW_METHODS, ALLOW_HEADERS, EXPOSE, CREDENTIALS, AGE);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        if (!annotations.read(ENABLE).orElse(false)) {
            return;
        }
        List<Origin> origins = origins(annotations);
        if (origins.isEmpty()) {
            return;
        }
        location.add(
                new Policy.Cors(
                        origins,
                        annotations.read(ALLOW_METHODS).orElse(METHODS),
                        annotations.read(ALLOW_HEADERS).orElse(HEADERS),
                        annotations.read(EXPOSE).orElse(List.of()),
                        annotations.read(CREDENTIALS).orElse(true),
                        annotations.read(AGE).orElse(MAX_AGE),
                        true));
    }

    private static List<Origin> origins(Annotations annotations) {
        if (!annotations.says(ORIGINS)) {
            return List.of(new Origin.Any());
        }
        List<Origin> origins = new ArrayList<>();
        for (String text : annotations.read(ORIGINS).orElse(List.of())) {
            Optional<Origin> origin =
                    origin(text.strip().toLowerCase(Locale.ROOT)); // as browsers send it
            origin.ifPresent(origins::add);
            if (origin.isEmpty()) {
                annotations.report(
                        ProblemCode.BAD_ANNOTATION,
                        ORIGINS,
                        "holds "
                                + Printable.quoted(text.strip())
                                + ", expected *, null or scheme://host[:port], where the first"
                                + " label may be a *; this origin is not allowed");
            }
        }
        return origins;
    }

    private static Optional<Origin> origin(String text) {
        if (text.equals("*")) {
            return Optional.of(new Origin.Any());
        }
        if (text.equals("null")) {
            return Optional.of(new Origin.Exact(text));
        }
        String name = "[A-Za-z0-9]([-.A-Za-z0-9]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?";
        if (Grammars.matching(text, "[a-zA-Z][-+.a-zA-Z0-9]{0,31}://" + name).isPresent()) {
            return Optional.of(new Origin.Exact(text));
        }
        if (Grammars.matching(text, "[a-zA-Z][-+.a-zA-Z0-9]{0,31}://\\*\\." + name).isPresent()) {
            int star = text.indexOf("://*.");
            return Optional.of(
                    new Origin.Wildcard(text.substring(0, star), text.substring(star + 5)));
        }
        return Optional.empty();
    }
}
