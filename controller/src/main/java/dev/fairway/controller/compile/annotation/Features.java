package dev.fairway.controller.compile.annotation;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** All of them; a new one is a line here. The order has no meaning. */
public final class Features {
    private Features() {}

    static final List<Feature> ALL =
            List.of(
                    new AddressLists(),
                    new Balancing(),
                    new BasicAuthentication(),
                    new BodyLimits(),
                    new CanaryRules(),
                    new ClientCertification(),
                    new CookieAffinity(),
                    new CrossOrigin(),
                    new ErrorHandling(),
                    new ExternalAuthentication(),
                    new FixedRedirects(),
                    new HostNames(),
                    new ProxyTimeouts(),
                    new RateLimits(),
                    new Redirects(),
                    new Retries(),
                    new Rewrites(),
                    new Satisfaction(),
                    new StrictTransport(),
                    new UpstreamHosts(),
                    new UpstreamSecurity());

    /** Gives the route its policies. */
    public static void compile(Location location) {
        for (Feature feature : ALL) {
            if (location.place().kind() == Place.Kind.CANARY) {
                feature.compileCanary(location);
            } else {
                feature.compile(location);
            }
        }
    }

    static final Set<String> NAMES =
            ALL.stream()
                    .flatMap(feature -> feature.settings().stream())
                    .flatMap(setting -> setting.names().stream())
                    .collect(Collectors.toUnmodifiableSet());

    static final Set<String> TWINS =
            ALL.stream()
                    .flatMap(feature -> feature.settings().stream())
                    .flatMap(setting -> setting.twin().stream())
                    .map(Setting.Twin::name)
                    .collect(Collectors.toUnmodifiableSet());

    static final Set<String> CONFIG_KEYS =
            ALL.stream()
                    .flatMap(feature -> feature.settings().stream())
                    .flatMap(setting -> setting.configKeys().stream())
                    .collect(Collectors.toUnmodifiableSet());
}
