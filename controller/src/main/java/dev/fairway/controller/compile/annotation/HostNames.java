package dev.fairway.controller.compile.annotation;

import dev.fairway.controller.compile.ProblemCode;
import java.util.List;
import java.util.Optional;

/**
 * {@code server-alias}, {@code from-to-www-redirect} and {@code app-root}: what an Ingress says of its
 * hosts as a whole. Hosts are where it has an effect, so no route gets a policy.
 */
public final class HostNames implements Feature {
    private static final Setting<List<String>> ALIASES =
            Setting.of(
                    "server-alias",
                    Grammars.list(
                            "a comma-separated list of host names",
                            new Grammar<>("", text -> Optional.of(text.strip()))));
    private static final Setting<Boolean> FROM_TO_WWW =
            Setting.of("from-to-www-redirect", Grammars.BOOL);
    private static final Setting<String> APP_ROOT =
            Setting.of(
                    "app-root",
                    new Grammar<>(
                            "an absolute path of letters, digits and -._~/:",
                            text -> Grammars.matching(text, "/[-._~a-zA-Z0-9/:]{0,511}")));

    /** Further names of its hosts, as written. */
    public static List<String> aliases(Annotations annotations) {
        return annotations.readOwn(ALIASES).orElse(List.of());
    }

    /** Whether {@code www.HOST} redirects to {@code HOST}, or the other way round. */
    public static boolean fromToWww(Annotations annotations) {
        return annotations.readOwn(FROM_TO_WWW).orElse(false);
    }

    /** Where {@code /} redirects to. */
    public static Optional<String> appRoot(Annotations annotations) {
        return annotations.readOwn(APP_ROOT);
    }

    /** About one alias. */
    public static void reportAlias(Annotations annotations, ProblemCode code, String what) {
        annotations.report(code, ALIASES, what);
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(ALIASES, FROM_TO_WWW, APP_ROOT);
    }

    @Override
    public void compile(Location location) {}
}
