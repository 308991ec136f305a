package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Policy;
import java.util.List;
import java.util.Map;

/**
 * {@code ssl-redirect} and {@code force-ssl-redirect}. A host that asks for TLS is redirected even
 * while its certificate is missing: its owner didn't want it served in the clear, and ACME's path is
 * exempt, so that the certificate can come.
 */
final class Redirects implements Feature {
    private static final List<String> EXEMPT = List.of("/.well-known/acme-challenge");
    private static final int STATUS = 308;

    private static final Setting<Boolean> WITH_TLS =
            Setting.of("ssl-redirect", Grammars.BOOL).withConfig("ssl-redirect");
    private static final Setting<Boolean> ALWAYS =
            Setting.of("force-ssl-redirect", Grammars.BOOL).withConfig("force-ssl-redirect");
    private static final Setting<Boolean> KEEP_SLASH =
            Setting.of("preserve-trailing-slash", Grammars.BOOL);
    private static final Setting<Integer> CODE =
            Setting.config(
                    "http-redirect-code",
                    Grammars.oneOf(Map.of("301", 301, "302", 302, "307", 307, "308", 308)));
    private static final Setting<List<String>> EXEMPTIONS =
            Setting.config("no-tls-redirect-locations", Grammars.PATHS);

    @Override
    public List<Setting<?>> settings() {
        return List.of(WITH_TLS, ALWAYS, KEEP_SLASH, CODE, EXEMPTIONS);
    }

    @Override
    public void compile(Location location) {
        Annotations annotations = location.annotations();
        boolean withTls = read(location, WITH_TLS, true);
        boolean always = read(location, ALWAYS, false);
        boolean keepSlash = read(location, KEEP_SLASH, !location.around().compatible());
        if (always || (withTls && location.place().asksForTls())) {
            location.add(
                    new Policy.HttpsRedirect(
                            annotations.read(CODE).orElse(STATUS),
                            annotations.read(EXEMPTIONS).orElse(EXEMPT),
                            !keepSlash));
        }
    }

    /** The annotations of a rule-less Ingress do not redirect what it catches (reference 3). */
    private static boolean read(Location location, Setting<Boolean> setting, boolean unsaid) {
        Annotations annotations = location.annotations();
        return (location.place().kind() == Place.Kind.CATCH_ALL
                        ? annotations.readConfig(setting)
                        : annotations.read(setting))
                .orElse(unsaid);
    }
}
