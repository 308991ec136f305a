package dev.fairway.dataplane.policy;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.contract.Template;
import dev.fairway.dataplane.balance.Backend;
import dev.fairway.dataplane.balance.Balancing;
import dev.fairway.dataplane.balance.Selection;
import dev.fairway.dataplane.balance.StickySessions;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.Header;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A contract route to its compiled form; one for each generation, since key material belongs to it. A
 * security policy whose key is missing or not of its kind makes the route answer 503: it fails
 * closed. A missing seed costs a route its sessions, not its traffic.
 */
public final class PlanCompiler {
    private final LiveState live;
    private final Map<KeyId, Keys.Key> keys;
    private final int httpsPort;
    private boolean keyed;

    /** Equal parts of different routes are one object: less to hold, and oftener in the cache. */
    private final Map<Object, Object> shared = new HashMap<>();

    private record Balanced(Backend backend, Policy.LoadBalance by) {}

    private record Retried(Policy.Retry by, Backend backend) {}

    /**
     * @param httpsPort the public port of the https listener, for redirects
     */
    public PlanCompiler(LiveState live, Keys keys, int httpsPort) {
        this.live = live;
        this.keys = HashMap.newHashMap(keys.entries().size());
        keys.entries().forEach(entry -> this.keys.put(entry.id(), entry.key()));
        this.httpsPort = httpsPort;
    }

    /**
     * @throws IllegalArgumentException when a pattern of the route is not RE2 syntax
     */
    public RoutePlan compile(Route route) {
        return new Compilation(route).plan();
    }

    /** @param asked what the route's host asks of clients' certificates */
    public RoutePlan compile(Route route, Optional<ClientCertificates> asked) {
        Compilation compilation = new Compilation(route);
        asked.ifPresent(compilation::clients);
        return compilation.plan();
    }

    @SuppressWarnings("unchecked")
    private <T> T shared(T value) {
        return (T) shared.computeIfAbsent(value, Function.identity());
    }

    private Selection selection(Backend backend, Policy.LoadBalance by) {
        return (Selection)
                shared.computeIfAbsent(
                        new Balanced(backend, by), _ -> Balancing.of(by, backend, live.chance()));
    }

    /** Whether key material was asked for since {@link #forgetKeyed}. */
    public boolean keyed() {
        return keyed;
    }

    public void forgetKeyed() {
        keyed = false;
    }

    private Keys.@Nullable Key key(KeyId id) {
        keyed = true;
        return keys.get(id);
    }

    /** What is gathered while one route's policies are read in any order. */
    private final class Compilation {
        private final Route route;
        private final Interpolation interpolation;
        private final Slots slots = new Slots();
        private final List<Policy.RateLimit> rates = new ArrayList<>();
        private @Nullable Gate addresses;
        private @Nullable Gate basicAuth;
        private @Nullable Gate externalAuth;
        private boolean satisfyAny;
        private Policy.LoadBalance balance =
                new Policy.LoadBalance(Policy.LoadBalance.Algorithm.ROUND_ROBIN);
        private Policy.@Nullable HashBy hash;
        private Policy.@Nullable Affinity affinity;
        private Policy.@Nullable UpstreamTls upstreamTls;
        private boolean http2;
        private boolean asRequested;
        private Policy.@Nullable Canary canary;
        private Policy.Retry retry = NextUpstream.DEFAULT;

        Compilation(Route route) {
            this.route = route;
            this.interpolation = new Interpolation(route, live.hostName());
        }

        RoutePlan plan() {
            route.policies().forEach(this::read);
            if (!rates.isEmpty()) {
                slots.rates = new RateGate(rates, live.limiters());
            }
            slots.access = access();
            switch (route.action()) {
                case Route.Action.Forward(BackendId backend) -> forward(backend);
                case Route.Action.Answer(int status) ->
                        refuse(Answer.of(status, sentence(status), "route-answer"));
                case Route.Action.Redirect redirect ->
                        slots.elsewhere = new LocalRedirection(redirect);
            }
            return new CompiledRoute(route, slots, live.chance(), PlanCompiler.this::shared);
        }

        /** A new policy is one record in the contract, one file beside this one, one line here. */
        private void read(Policy policy) {
            switch (policy) {
                case Policy.HttpsRedirect p ->
                        slots.httpsRedirection = new HttpsRedirection(p, httpsPort);
                case Policy.Cors p -> slots.crossOrigin = new CrossOrigin(p);
                case Policy.ConnectionLimit p ->
                        slots.connections = new ConnectionGate(p, live.limiters());
                case Policy.RateLimit p -> rates.add(p);
                case Policy.AddressRules p -> addresses = new AddressGate(p);
                case Policy.BasicAuth p -> basicAuth = basicAuth(p);
                case Policy.ExternalAuth p ->
                        externalAuth = new ExternalAuthGate(p, interpolation, live.subrequests());
                case Policy.SatisfyAny() -> satisfyAny = true;
                case Policy.BodyLimit(long bytes) ->
                        slots.bodyLimit = bytes == 0 ? Long.MAX_VALUE : bytes;
                case Policy.Redirect(int status, String location) ->
                        slots.redirect =
                                new Answer(
                                        status,
                                        List.of(new Header("Location", location)),
                                        "",
                                        "redirect");
                case Policy.Rewrite p -> slots.rewrite = new PathRewrite(p, route, interpolation);
                case Policy.UpstreamHost(Template value) ->
                        slots.upstreamHost = new UpstreamHost(value, interpolation);
                case Policy.Canary p -> canary = p;
                case Policy.Affinity p -> affinity = p;
                case Policy.LoadBalance p -> balance = p;
                case Policy.HashBy p -> hash = p;
                case Policy.UpstreamTls p -> upstreamTls = p;
                case Policy.UpstreamHttp2() -> http2 = true;
                case Policy.UpstreamSchemeAsRequested() -> asRequested = true;
                case Policy.Retry p -> retry = p;
                case Policy.Timeouts p -> slots.timeouts = shared(p);
                case Policy.ErrorPages p -> errorPages(p);
                case Policy.FallbackBackend p -> slots.fallback = backend(p.backend());
                case Policy.Hsts p -> slots.strictTransport = new StrictTransport(p);
                case Policy.KeepRepeatedSlashes() -> slots.keepRepeatedSlashes = true;
            }
        }

        void clients(ClientCertificates asked) {
            if (key(asked.authorities()) instanceof Keys.Key.ClientAuthorities authorities) {
                slots.clients = new ClientGate(asked, authorities);
            } else {
                refuse(missingKey());
            }
        }

        private @Nullable Access access() {
            List<Gate> gates = new ArrayList<>();
            for (Gate gate : new @Nullable Gate[] {addresses, basicAuth, externalAuth}) {
                if (gate != null) {
                    gates.add(gate);
                }
            }
            return gates.isEmpty() ? null : new Access(gates, satisfyAny);
        }

        private void forward(BackendId id) {
            slots.primary = target(id, affinity);
            Backend backend = slots.primary.backend();
            slots.retry =
                    (RetryRule)
                            shared.computeIfAbsent(
                                    new Retried(retry, backend),
                                    _ -> new NextUpstream(retry, backend));
            if (canary != null) {
                slots.canary = new CanaryRule(canary, live.chance());
                boolean sticky = affinity != null && affinity.canarySticky();
                slots.canaryTarget = target(canary.backend(), sticky ? affinity : null);
            }
        }

        private Target target(BackendId id, Policy.@Nullable Affinity sessions) {
            Backend backend = backend(id);
            Selection plain = selection(backend, balance);
            return new Target(
                    backend,
                    shared(transports(id)),
                    plain,
                    hash,
                    sessions(sessions, backend, plain),
                    interpolation,
                    live.chance());
        }

        private @Nullable StickySessions sessions(
                Policy.@Nullable Affinity policy, Backend backend, Selection fresh) {
            if (policy == null || !(key(policy.seed()) instanceof Keys.Key.Seed seed)) {
                return null;
            }
            return new StickySessions(
                    policy,
                    Base64.getDecoder().decode(seed.base64()),
                    backend,
                    fresh,
                    live.chance(),
                    live.wallMillis());
        }

        private Transports transports(BackendId id) {
            Transport plain = http2 ? new Transport.Plain(protocol()) : Transport.PLAIN;
            if (upstreamTls == null) {
                return Transports.of(plain);
            }
            Transport tls = tls(upstreamTls, id);
            return asRequested
                    ? new Transports(Transports.declared(plain), Transports.declared(tls))
                    : Transports.of(tls);
        }

        private Transport.Protocol protocol() {
            return http2 ? Transport.Protocol.HTTP2 : Transport.Protocol.HTTP1;
        }

        private Transport tls(Policy.UpstreamTls policy, BackendId id) {
            KeyId identity = policy.identity().orElse(null);
            Keys.Key key = identity == null ? null : key(identity);
            if (identity != null && !(key instanceof Keys.Key.UpstreamIdentity)) {
                refuse(missingKey());
            }
            String name = policy.verifyName().orElse(id.service() + "." + id.namespace() + ".svc");
            return new Transport.Tls(
                    policy,
                    name,
                    identity,
                    key instanceof Keys.Key.UpstreamIdentity material ? hash(material) : "",
                    protocol());
        }

        private @Nullable Gate basicAuth(Policy.BasicAuth policy) {
            if (key(policy.users()) instanceof Keys.Key.Users users) {
                return new BasicAuthGate(policy.realm(), users, live.passwords());
            }
            refuse(missingKey());
            return null;
        }

        private void errorPages(Policy.ErrorPages policy) {
            slots.errorPages = backend(policy.backend());
            slots.errorStatuses = Set.copyOf(policy.statuses());
        }

        private Backend backend(BackendId id) {
            return live.endpoints().backend(id);
        }

        /** The first reason stands. */
        private void refuse(Answer answer) {
            if (slots.refusal == null) {
                slots.refusal = answer;
            }
        }
    }

    private static Answer missingKey() {
        return Answer.of(503, "This route is not ready to be served.", "key-missing");
    }

    private static String sentence(int status) {
        return switch (status) {
            case 404 -> "Nothing is here.";
            case 503 -> "This route is not ready to be served.";
            default -> status < 400 ? "" : "This request is not served.";
        };
    }

    private static String hash(Keys.Key.UpstreamIdentity material) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            List<String> parts = new ArrayList<>();
            material.certificate().ifPresent(c -> parts.add(c.chainPem()));
            material.certificate().ifPresent(c -> parts.add(c.privateKeyPem()));
            parts.add(material.caPem().orElse(""));
            for (String part : parts) {
                sha.update(part.getBytes(StandardCharsets.UTF_8));
                sha.update((byte) 0);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
