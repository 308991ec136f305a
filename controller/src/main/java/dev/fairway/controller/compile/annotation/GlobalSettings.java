package dev.fairway.controller.compile.annotation;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Settings;
import dev.fairway.controller.compile.Problem;
import dev.fairway.controller.compile.ProblemCode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** ConfigMap keys that hold for every request → {@link Settings}. */
public final class GlobalSettings {
    private GlobalSettings() {}

    private static final List<Cidr> EVERYBODY =
            List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"));

    private static final Setting<Boolean> USE_FORWARDED =
            Setting.config("use-forwarded-headers", Grammars.BOOL);
    private static final Setting<Boolean> PROXY_PROTOCOL =
            Setting.config("use-proxy-protocol", Grammars.BOOL);
    private static final Setting<Duration> PROXY_HEADER_TIME =
            Setting.config("proxy-protocol-header-timeout", Grammars.GO_DURATION);
    private static final Setting<Boolean> REAL_IP = Setting.config("enable-real-ip", Grammars.BOOL);
    private static final Setting<List<Cidr>> TRUSTED =
            Setting.config("proxy-real-ip-cidr", Grammars.CIDRS);
    private static final Setting<Boolean> APPEND =
            Setting.config("compute-full-forwarded-for", Grammars.BOOL);
    private static final Setting<String> HEADER =
            Setting.config("forwarded-for-header", Grammars.HEADER_NAME);
    private static final Setting<Duration> KEEP_ALIVE =
            Setting.config("keep-alive", Grammars.seconds(0));
    private static final Setting<Integer> KEEP_ALIVE_REQUESTS =
            Setting.config("keep-alive-requests", Grammars.number(1, Integer.MAX_VALUE));
    private static final Setting<Duration> HEAD_TIMEOUT =
            Setting.config("client-header-timeout", Grammars.seconds(1));
    private static final Setting<Duration> BODY_TIMEOUT =
            Setting.config("client-body-timeout", Grammars.seconds(1));
    private static final Setting<Boolean> SERVER_TOKENS =
            Setting.config("server-tokens", Grammars.BOOL);
    private static final Setting<Boolean> BACKEND_SERVER =
            Setting.config("allow-backend-server-header", Grammars.BOOL);
    private static final Setting<List<String>> HIDE =
            Setting.config("hide-headers", Grammars.HEADER_NAMES);
    private static final Setting<Boolean> UNDERSCORES =
            Setting.config("enable-underscores-in-headers", Grammars.BOOL);
    private static final Setting<Boolean> HTTP2 = Setting.config("use-http2", Grammars.BOOL);
    private static final Setting<Integer> HTTP2_STREAMS =
            Setting.config("http2-max-concurrent-streams", Grammars.number(1, 1000));
    private static final Setting<Grammars.Buffers> HEAD_BUFFERS =
            Setting.config("large-client-header-buffers", Grammars.BUFFERS);
    private static final Setting<Integer> UPSTREAM_CONNECTIONS =
            Setting.config("upstream-keepalive-connections", Grammars.number(0, 100_000));
    private static final Setting<Duration> UPSTREAM_IDLE =
            Setting.config("upstream-keepalive-timeout", Grammars.seconds(1));
    private static final Setting<Boolean> NO_ACCESS_LOG =
            Setting.config("disable-access-log", Grammars.BOOL);

    static final Set<String> KEYS =
            List.of(
                            USE_FORWARDED,
                            PROXY_PROTOCOL,
                            PROXY_HEADER_TIME,
                            REAL_IP,
                            TRUSTED,
                            APPEND,
                            HEADER,
                            KEEP_ALIVE,
                            KEEP_ALIVE_REQUESTS,
                            HEAD_TIMEOUT,
                            BODY_TIMEOUT,
                            SERVER_TOKENS,
                            BACKEND_SERVER,
                            HIDE,
                            UNDERSCORES,
                            HTTP2,
                            HTTP2_STREAMS,
                            HEAD_BUFFERS,
                            UPSTREAM_CONNECTIONS,
                            UPSTREAM_IDLE,
                            NO_ACCESS_LOG)
                    .stream()
                    .flatMap(setting -> setting.configKeys().stream())
                    .collect(Collectors.toUnmodifiableSet());

    public static Settings read(Surroundings around, Optional<KeyId> defaultCertificate) {
        Annotations config = new Annotations(Annotations.CONFIG, Map.of(), around);
        Settings unsaid = Settings.DEFAULTS;
        TreeSet<String> hidden = new TreeSet<>();
        config.read(HIDE)
                .orElse(List.of())
                .forEach(name -> hidden.add(name.toLowerCase(Locale.ROOT)));
        return new Settings(
                forwarding(config),
                config.read(KEEP_ALIVE).orElse(unsaid.keepAlive()),
                config.read(KEEP_ALIVE_REQUESTS).orElse(unsaid.keepAliveRequests()),
                config.read(HEAD_TIMEOUT).orElse(unsaid.headTimeout()),
                config.read(BODY_TIMEOUT).orElse(unsaid.bodyTimeout()),
                config.read(SERVER_TOKENS).orElse(true) ? unsaid.serverHeader() : Optional.empty(),
                config.read(BACKEND_SERVER).orElse(false),
                List.copyOf(hidden),
                config.read(UNDERSCORES).orElse(false),
                defaultCertificate,
                config.read(NO_ACCESS_LOG).orElse(false)
                        ? Settings.AccessLog.OFF
                        : Settings.AccessLog.DEFAULT,
                proxyProtocol(config),
                http2(config),
                requestHeads(config),
                upstreamKeepAlive(config));
    }

    /** nginx fits a line into one buffer and a head into all of them. */
    private static Optional<Settings.RequestHeads> requestHeads(Annotations config) {
        return config.read(HEAD_BUFFERS)
                .map(said -> {
                    int line = Settings.RequestHeads.MAX_LINE;
                    int head = Settings.RequestHeads.MAX_HEAD;
                    long all = said.number() * said.size();
                    if (said.size() > line || all > head) {
                        report(
                                config,
                                ProblemCode.BAD_SETTING,
                                "large-client-header-buffers",
                                "asks for more than is taken: lines of 64 KiB, heads of 256 KiB; these apply");
                    }
                    return new Settings.RequestHeads(
                            Math.clamp(said.size(), 256, line), Math.clamp(all, 1024, head));
                });
    }

    private static Optional<Settings.UpstreamKeepAlive> upstreamKeepAlive(Annotations config) {
        Optional<Integer> connections = config.read(UPSTREAM_CONNECTIONS);
        Optional<Duration> idle = config.read(UPSTREAM_IDLE);
        return connections.isEmpty() && idle.isEmpty()
                ? Optional.empty()
                : Optional.of(new Settings.UpstreamKeepAlive(connections, idle));
    }

    /** Absent when nothing is said, so that what is published does not change. */
    private static Optional<Settings.Http2> http2(Annotations config) {
        Optional<Boolean> enabled = config.read(HTTP2);
        Optional<Integer> streams = config.read(HTTP2_STREAMS);
        if (enabled.isEmpty() && streams.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Settings.Http2(
                        enabled.orElse(Settings.Http2.DEFAULT.enabled()),
                        streams.orElse(Settings.Http2.DEFAULT.streams())));
    }

    private static Settings.Forwarding forwarding(Annotations config) {
        boolean believes =
                config.read(USE_FORWARDED).orElse(false) || config.read(REAL_IP).orElse(false);
        boolean append = config.read(APPEND).orElse(false);
        String header =
                config.read(HEADER)
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .orElse(Settings.Forwarding.UNTRUSTED.header());
        if (!believes) {
            return new Settings.Forwarding(List.of(), header, append);
        }
        List<Cidr> trusted =
                trusted(config, "use-forwarded-headers", "nobody's forwarded headers are believed");
        return new Settings.Forwarding(trusted, header, append);
    }

    private static Optional<Settings.ProxyProtocol> proxyProtocol(Annotations config) {
        Optional<Duration> patience = config.read(PROXY_HEADER_TIME);
        if (!config.read(PROXY_PROTOCOL).orElse(false)) {
            return Optional.empty();
        }
        List<Cidr> trusted =
                trusted(config, "use-proxy-protocol", "every connection to a listener is closed");
        return Optional.of(new Settings.ProxyProtocol(trusted, patience));
    }

    /**
     * Who is believed about clients by {@code key}.
     *
     * @param otherwise what happens when that is nobody
     */
    private static List<Cidr> trusted(Annotations config, String key, String otherwise) {
        List<Cidr> named =
                config.read(TRUSTED).map(all -> List.copyOf(new TreeSet<>(all))).orElse(List.of());
        boolean unsaid = config.around().config("proxy-real-ip-cidr").isEmpty();
        if (unsaid && config.around().compatible()) {
            report(
                    config,
                    ProblemCode.TRUSTS_EVERYBODY,
                    key,
                    "is on without proxy-real-ip-cidr: as in ingress-nginx every client is"
                            + " believed about who it is");
            return EVERYBODY;
        }
        if (named.isEmpty()) {
            report(
                    config,
                    ProblemCode.BAD_SETTING,
                    key,
                    "is on without a usable proxy-real-ip-cidr; " + otherwise);
        }
        return named;
    }

    private static void report(Annotations config, ProblemCode code, String key, String what) {
        config.around()
                .report(
                        new Problem(
                                code.word(),
                                Annotations.CONFIG,
                                "data[" + key + "]",
                                key + " " + what));
    }
}
