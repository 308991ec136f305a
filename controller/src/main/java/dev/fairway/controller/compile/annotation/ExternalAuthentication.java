package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import dev.fairway.contract.Template;
import dev.fairway.contract.TemplatePart;
import dev.fairway.controller.compile.ProblemCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code auth-url} and what goes with it; {@code global-auth-url} for Ingresses that don't say
 * {@code enable-global-auth: "false"}. Every member of the group guards: where ingress-nginx skips
 * authentication because one of them is malformed (reference 2.1, trap v), the routes close here.
 */
final class ExternalAuthentication implements Feature {
    private static final String PARAMETER = "rd";

    private static final Grammar<Template> URL =
            new Grammar<>(
                    "an http or https URL, its variables all known",
                    text -> Templates.parse(text, false).filter(ExternalAuthentication::absolute));
    private static final Grammar<String> METHOD =
            new Grammar<>(
                    "one of GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS",
                    text -> Grammars.matching(text, "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"));

    private record Group(
            Setting<Template> url,
            Setting<String> method,
            Setting<Template> signIn,
            Setting<String> parameter,
            Setting<List<String>> headers,
            Setting<Template> redirect) {
        List<Setting<?>> all() {
            return List.of(url, method, signIn, parameter, headers, redirect);
        }
    }

    private static final Group OWN =
            new Group(
                    Setting.of("auth-url", URL).guarding(),
                    Setting.of("auth-method", METHOD).guarding(),
                    Setting.of("auth-signin", Grammars.TEMPLATE).guarding(),
                    Setting.of("auth-signin-redirect-param", Grammars.HEADER_NAME).guarding(),
                    Setting.of("auth-response-headers", Grammars.HEADER_NAMES).guarding(),
                    Setting.of("auth-request-redirect", Grammars.TEMPLATE).guarding());
    private static final Group GLOBAL =
            new Group(
                    Setting.config("global-auth-url", URL).guarding(),
                    Setting.config("global-auth-method", METHOD).guarding(),
                    Setting.config("global-auth-signin", Grammars.TEMPLATE).guarding(),
                    Setting.config("global-auth-signin-redirect-param", Grammars.HEADER_NAME)
                            .guarding(),
                    Setting.config("global-auth-response-headers", Grammars.HEADER_NAMES)
                            .guarding(),
                    Setting.config("global-auth-request-redirect", Grammars.TEMPLATE).guarding());

    private static final Setting<Boolean> USE_GLOBAL =
            Setting.of("enable-global-auth", Grammars.BOOL);

    /** Paths that the global authentication spares: ACME's solvers would never be heard. */
    private static final Setting<List<String>> EXEMPT =
            Setting.config("no-auth-locations", Grammars.PATHS);

    private static final List<String> ACME = List.of("/.well-known/acme-challenge");

    /** Without a cache every request is asked for: stricter, so this only needs saying. */
    private static final Setting<String> CACHE_KEY =
            Setting.of("auth-cache-key", new Grammar<>("text", Optional::of)).guarding();

    private static final Setting<String> CACHE_DURATION =
            Setting.of(
                            "auth-cache-duration",
                            new Grammar<>(
                                    "a list such as 200 202 10m, 401 5m",
                                    text ->
                                            Grammars.matching(
                                                    text,
                                                    "(([0-9]{3} ?)+ [0-9]+(ms|s|m|h|d|w|M|y)?, *)*([0-9]{3} ?)+( [0-9]+(ms|s|m|h|d|w|M|y))?")))
                    .guarding();
    private static final Setting<Boolean> ALWAYS_SET_COOKIE =
            Setting.of("auth-always-set-cookie", Grammars.BOOL).guarding();

    private static boolean absolute(Template url) {
        if (!(url.parts().getFirst() instanceof TemplatePart.Text start)) {
            return false;
        }
        String lower = start.text().toLowerCase(Locale.ROOT);
        int scheme = lower.startsWith("https://") ? 8 : lower.startsWith("http://") ? 7 : -1;
        boolean hostFollows = lower.length() > scheme || url.parts().size() > 1;
        return scheme > 0 && hostFollows && lower.indexOf('@') < 0 && lower.indexOf(' ') < 0;
    }

    @Override
    public List<Setting<?>> settings() {
        ArrayList<Setting<?>> all = new ArrayList<>(OWN.all());
        all.addAll(GLOBAL.all());
        all.addAll(List.of(USE_GLOBAL, EXEMPT, CACHE_KEY, CACHE_DURATION, ALWAYS_SET_COOKIE));
        return List.copyOf(all);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        boolean asked = annotations.says(OWN.url());
        boolean global = annotations.read(USE_GLOBAL).orElse(true);
        List<Setting<String>> caches = List.of(CACHE_KEY, CACHE_DURATION);
        for (Setting<String> cache : caches) {
            if (annotations.read(cache).isPresent()) {
                annotations.report(
                        ProblemCode.UNSUPPORTED_ANNOTATION,
                        cache,
                        "is not served yet; every request is asked for");
            }
        }
        if (annotations.read(ALWAYS_SET_COOKIE).orElse(false)) {
            annotations.report(
                    ProblemCode.UNSUPPORTED_ANNOTATION, ALWAYS_SET_COOKIE, "is not served yet");
        }
        if (asked || !global || withoutGlobal(annotations) || exempt(location)) {
            add(location, OWN);
        } else {
            add(location, GLOBAL);
        }
        if (!asked) {
            withoutUrl(annotations);
        }
    }

    /** Whoever wrote one of these thinks that somebody is asked. */
    private static void withoutUrl(Annotations annotations) {
        for (Setting<?> member : OWN.all()) {
            if (annotations.says(member)) {
                annotations.report(
                        ProblemCode.IGNORED_ANNOTATION, member, "has no effect without auth-url");
            }
        }
    }

    private static boolean withoutGlobal(Annotations annotations) {
        return annotations.around().config("global-auth-url").filter(v -> !v.isBlank()).isEmpty();
    }

    private static boolean exempt(Location location) {
        return location.annotations().read(EXEMPT).orElse(ACME).stream()
                .anyMatch(location.place().writtenPath()::startsWith);
    }

    private static void add(Location location, Group group) {
        Annotations annotations = location.annotations();
        Optional<Template> url = annotations.read(group.url());
        Optional<String> method = annotations.read(group.method());
        Optional<Template> signIn = annotations.read(group.signIn());
        String parameter = annotations.read(group.parameter()).orElse(PARAMETER);
        List<String> headers = annotations.read(group.headers()).orElse(List.of());
        Optional<Template> redirect = annotations.read(group.redirect());
        url.ifPresent(template ->
                location.add(
                        new Policy.ExternalAuth(
                                template, method, signIn, parameter, headers, redirect)));
    }
}
