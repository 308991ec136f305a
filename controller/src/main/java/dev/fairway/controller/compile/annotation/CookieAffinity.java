package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy.Affinity;
import dev.fairway.contract.Policy.Affinity.Mode;
import dev.fairway.contract.Policy.Affinity.SameSite;
import dev.fairway.controller.compile.ProblemCode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code affinity: cookie}, {@code affinity-*} and {@code session-cookie-*}. */
public final class CookieAffinity implements Feature {
    private static final String NAME = "INGRESSCOOKIE";

    private static final Setting<Boolean> AFFINITY =
            Setting.of("affinity", Grammars.oneOf(Map.of("cookie", true)));
    private static final Setting<Mode> MODE =
            Setting.of(
                    "affinity-mode",
                    Grammars.oneOf(
                            Map.of("balanced", Mode.BALANCED, "persistent", Mode.PERSISTENT)));
    private static final Setting<Boolean> CANARY_STICKY =
            Setting.of(
                    "affinity-canary-behavior",
                    Grammars.oneOf(Map.of("sticky", true, "legacy", false)));
    private static final Setting<String> COOKIE_NAME =
            Setting.of(
                    "session-cookie-name",
                    new Grammar<>(
                            "a cookie name",
                            text -> Grammars.matching(text, "[-._~a-zA-Z0-9]{1,128}")));
    private static final Setting<String> COOKIE_PATH =
            Setting.of(
                    "session-cookie-path",
                    new Grammar<>(
                            "a path", text -> Grammars.matching(text, "/[!-+\\--:<-~]{0,511}")));
    private static final Setting<String> DOMAIN =
            Setting.of(
                    "session-cookie-domain",
                    new Grammar<>(
                            "a domain name",
                            text ->
                                    Grammars.matching(
                                            text,
                                            "\\.?[a-zA-Z0-9]([-.a-zA-Z0-9]{0,251}[a-zA-Z0-9])?")));
    private static final Setting<SameSite> SAME_SITE =
            Setting.of(
                    "session-cookie-samesite",
                    new Grammar<>(
                            "None, Lax or Strict",
                            text ->
                                    switch (text.toLowerCase(Locale.ROOT)) {
                                        case "none" -> Optional.of(SameSite.NONE);
                                        case "lax" -> Optional.of(SameSite.LAX);
                                        case "strict" -> Optional.of(SameSite.STRICT);
                                        default -> Optional.empty();
                                    }));
    private static final Setting<Boolean> CONDITIONAL_NONE =
            Setting.of("session-cookie-conditional-samesite-none", Grammars.BOOL);
    private static final Setting<Boolean> SECURE =
            Setting.of("session-cookie-secure", Grammars.BOOL);
    private static final Setting<Long> MAX_AGE =
            Setting.of("session-cookie-max-age", Grammars.wide(-10_000_000_000L, 10_000_000_000L));
    private static final Setting<Long> EXPIRES =
            Setting.of("session-cookie-expires", Grammars.wide(-10_000_000_000L, 10_000_000_000L));
    private static final Setting<Boolean> CHANGE_ON_FAILURE =
            Setting.of("session-cookie-change-on-failure", Grammars.BOOL);

    /** Whether an Ingress, the primary or its canary, keeps sessions out of the canary decision. */
    public static boolean legacyCanary(Annotations annotations) {
        return !annotations.readOwn(CANARY_STICKY).orElse(true);
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(
                AFFINITY,
                MODE,
                CANARY_STICKY,
                COOKIE_NAME,
                COOKIE_PATH,
                DOMAIN,
                SAME_SITE,
                CONDITIONAL_NONE,
                SECURE,
                MAX_AGE,
                EXPIRES,
                CHANGE_ON_FAILURE);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        if (!annotations.read(AFFINITY).orElse(false) || location.place().backend().isEmpty()) {
            return;
        }
        Place place = location.place();
        location.add(
                new Affinity(
                        place.namespace() + "/" + place.ingress() + "/" + place.backend().get(),
                        annotations.read(MODE).orElse(Mode.BALANCED),
                        new Affinity.Cookie(
                                annotations.read(COOKIE_NAME).orElse(NAME),
                                annotations.read(COOKIE_PATH).orElseGet(() -> unsaidPath(location)),
                                annotations.read(DOMAIN),
                                annotations.read(SAME_SITE),
                                annotations.read(CONDITIONAL_NONE).orElse(false),
                                annotations.read(SECURE),
                                annotations.read(MAX_AGE),
                                annotations.read(EXPIRES)),
                        location.around().affinitySeed(),
                        annotations.read(CHANGE_ON_FAILURE).orElse(false),
                        !legacyCanary(annotations),
                        true));
    }

    private static String unsaidPath(Location location) {
        String path = location.place().writtenPath();
        if (!(location.place().path() instanceof PathMatch.Regex) && path.indexOf(';') < 0) {
            return path;
        }
        if (Grammars.matching(path, "[-._~a-zA-Z0-9/]*").isEmpty()) {
            location.annotations()
                    .report(
                            ProblemCode.IGNORED_ANNOTATION,
                            AFFINITY,
                            "needs session-cookie-path where a path is a pattern, which no browser"
                                    + " would send a cookie back to; the cookie's path is /");
            return "/";
        }
        return path;
    }
}
