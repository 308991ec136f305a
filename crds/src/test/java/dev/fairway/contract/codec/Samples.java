package dev.fairway.contract.codec;

import dev.fairway.contract.BackendId;
import dev.fairway.contract.CertificateBinding;
import dev.fairway.contract.Cidr;
import dev.fairway.contract.ClientCertificates;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Endpoints.Condition;
import dev.fairway.contract.Endpoints.Endpoint;
import dev.fairway.contract.Endpoints.EndpointSet;
import dev.fairway.contract.HostMatch;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Keys.Key;
import dev.fairway.contract.Listener;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy;
import dev.fairway.contract.Route;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.Template;
import dev.fairway.contract.TemplatePart;
import dev.fairway.contract.VirtualHost;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One of everything the contract can say. */
final class Samples {
    private Samples() {}

    static final BackendId SHOP = new BackendId("shop", "web", 80);
    static final BackendId NEXT = new BackendId("shop", "web-next", 80);
    static final BackendId ERRORS = new BackendId("shop", "errors", 8080);

    private static final Template EVERY_PART =
            new Template(
                    List.of(
                            new TemplatePart.Text("https://auth.example.com/é?"),
                            new TemplatePart.Capture(1),
                            new TemplatePart.Variable(TemplatePart.Name.REQUEST_URI),
                            new TemplatePart.Header("x-team"),
                            new TemplatePart.Cookie("session"),
                            new TemplatePart.Argument("q")));

    private static final List<Policy> EVERY_POLICY =
            List.of(
                    new Policy.HttpsRedirect(308, List.of("/.well-known/acme-challenge"), true),
                    new Policy.Cors(
                            List.of(
                                    new Policy.Cors.Origin.Any(),
                                    new Policy.Cors.Origin.Exact("https://a.example"),
                                    new Policy.Cors.Origin.Wildcard("https", "example.com:8443")),
                            List.of("GET", "PUT"),
                            List.of("X-Custom"),
                            List.of("X-Seen"),
                            true,
                            Duration.ofDays(20),
                            true),
                    new Policy.ConnectionLimit("shop/web", 10, List.of(), 503),
                    new Policy.RateLimit(
                            "shop/web",
                            5,
                            Policy.RateLimit.Unit.SECOND,
                            25,
                            List.of(Cidr.parse("10.0.0.0/8")),
                            429),
                    new Policy.AddressRules(
                            List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/8")),
                            List.of(Cidr.parse("10.6.6.6"))),
                    new Policy.BasicAuth("shop \"area\"", new KeyId("users/shop/staff")),
                    new Policy.ExternalAuth(
                            EVERY_PART,
                            Optional.of("GET"),
                            Optional.of(Template.of("https://login.example.com/")),
                            "rd",
                            List.of("x-auth-user"),
                            Optional.empty()),
                    new Policy.SatisfyAny(),
                    new Policy.BodyLimit(1 << 20),
                    new Policy.Redirect(301, "https://elsewhere.example/a?b=c"),
                    new Policy.Rewrite(EVERY_PART, Optional.of(Template.of("/shop"))),
                    new Policy.UpstreamHost(EVERY_PART),
                    new Policy.Canary(
                            NEXT,
                            Optional.of("x-canary"),
                            Optional.empty(),
                            Optional.of("be.a"),
                            Optional.of("canary"),
                            20,
                            100),
                    new Policy.Affinity(
                            "shop/web",
                            Policy.Affinity.Mode.PERSISTENT,
                            new Policy.Affinity.Cookie(
                                    "INGRESSCOOKIE",
                                    "/",
                                    Optional.of("example.com"),
                                    Optional.of(Policy.Affinity.SameSite.LAX),
                                    false,
                                    Optional.of(true),
                                    Optional.of(-1L),
                                    Optional.empty()),
                            new KeyId("seed/affinity"),
                            true,
                            true,
                            false),
                    new Policy.LoadBalance(
                            Policy.LoadBalance.Algorithm.EWMA, Optional.of(Duration.ofSeconds(30))),
                    new Policy.HashBy(EVERY_PART, 3),
                    new Policy.UpstreamTls(
                            Optional.of(new KeyId("upstream/shop/client")),
                            true,
                            Optional.of("web.internal"),
                            true,
                            List.of("TLSv1.3")),
                    new Policy.UpstreamHttp2(),
                    new Policy.UpstreamSchemeAsRequested(),
                    new Policy.Retry(
                            List.of(Policy.Retry.On.ERROR, Policy.Retry.On.HTTP_503),
                            3,
                            Duration.ofSeconds(10),
                            false),
                    new Policy.Timeouts(
                            Duration.ofMillis(1500),
                            Duration.ofSeconds(60),
                            Duration.ofSeconds(61)),
                    new Policy.ErrorPages(List.of(404, 503), ERRORS),
                    new Policy.FallbackBackend(ERRORS),
                    new Policy.Hsts(Duration.ofDays(365), true, false),
                    new Policy.KeepRepeatedSlashes());

    static final Snapshot SNAPSHOT =
            new Snapshot(
                    new Settings(
                            new Settings.Forwarding(
                                    List.of(Cidr.parse("192.0.2.0/24")), "x-forwarded-for", true),
                            Duration.ofSeconds(75),
                            1000,
                            Duration.ofSeconds(10),
                            Duration.ofSeconds(60),
                            Optional.empty(),
                            true,
                            List.of("x-powered-by"),
                            true,
                            Optional.of(new KeyId("default-certificate")),
                            Settings.AccessLog.JSON,
                            Optional.of(
                                    new Settings.ProxyProtocol(
                                            List.of(Cidr.parse("198.51.100.0/24")))),
                            Optional.of(new Settings.Http2(true, 128)),
                            Optional.of(new Settings.RequestHeads(16_384, 65_536)),
                            Optional.of(
                                    new Settings.UpstreamKeepAlive(
                                            Optional.of(320),
                                            Optional.of(Duration.ofSeconds(30))))),
                    List.of(
                            new Listener("http", 80, Listener.Protocol.HTTP),
                            new Listener("https", 443, Listener.Protocol.HTTPS)),
                    List.of(
                            new CertificateBinding("*.example.com", Optional.empty()),
                            new CertificateBinding(
                                    "shop.example.com", Optional.of(new KeyId("tls/shop/web")))),
                    List.of(
                            new VirtualHost(
                                    new HostMatch.Exact("shop.example.com"),
                                    List.of(
                                            route(new PathMatch.Exact("/a"), EVERY_POLICY),
                                            route(new PathMatch.Prefix("/b"), List.of()),
                                            route(new PathMatch.StringPrefix("/c"), List.of()),
                                            route(new PathMatch.Regex("/d/(.*)", true), List.of()),
                                            new Route(
                                                    "shop/web/refused",
                                                    new Route.Origin("shop", "web", "", ""),
                                                    new PathMatch.Any(),
                                                    new Route.Action.Answer(503),
                                                    List.of()),
                                            new Route(
                                                    "shop/web/root",
                                                    new Route.Origin("shop", "web", "", ""),
                                                    new PathMatch.Exact("/"),
                                                    new Route.Action.Redirect(
                                                            302,
                                                            Optional.of("www.example.com"),
                                                            Optional.of("/app")),
                                                    List.of()))),
                            new VirtualHost(
                                    new HostMatch.Exact("staff.example.com"),
                                    List.of(),
                                    Optional.of(
                                            new ClientCertificates(
                                                    new KeyId("client-ca/shop/staff"),
                                                    ClientCertificates.Verification.REQUIRED,
                                                    1,
                                                    Optional.of("CN=(ann|bob)"),
                                                    Optional.of("https://help.example.com/"),
                                                    true))),
                            new VirtualHost(new HostMatch.Wildcard("example.com"), List.of()),
                            new VirtualHost(new HostMatch.Any(), List.of())));

    static final Endpoints ENDPOINTS =
            new Endpoints(
                    List.of(
                            new EndpointSet(
                                    SHOP,
                                    List.of(
                                            new Endpoint("10.1.2.3", 8080, Condition.READY),
                                            new Endpoint(
                                                    "fd00:0:0:0:0:0:0:1",
                                                    8080,
                                                    Condition.DRAINING))),
                            new EndpointSet(NEXT, List.of())));

    static final Keys KEYS =
            new Keys(
                    List.of(
                            new Keys.Entry(
                                    new KeyId("client-ca/shop/staff"),
                                    new Key.ClientAuthorities("ca", Optional.of("crl"))),
                            new Keys.Entry(new KeyId("seed/affinity"), new Key.Seed("AAECAw==")),
                            new Keys.Entry(
                                    new KeyId("tls/shop/web"),
                                    new Key.Certificate(
                                            "-----BEGIN CERTIFICATE-----\nnot a real one\n",
                                            "-----BEGIN PRIVATE KEY-----\nnot a real one\n")),
                            new Keys.Entry(
                                    new KeyId("upstream/shop/client"),
                                    new Key.UpstreamIdentity(
                                            Optional.of(new Key.Certificate("chain", "key")),
                                            Optional.of("ca"))),
                            new Keys.Entry(
                                    new KeyId("users/shop/staff"),
                                    new Key.Users(List.of(new Keys.User("ann", "{SHA}x"))))));

    static Route route(PathMatch path, List<Policy> policies) {
        return new Route(
                "shop/web/" + path.getClass().getSimpleName(),
                new Route.Origin("shop", "web", "web", "http"),
                path,
                new Route.Action.Forward(SHOP),
                policies);
    }
}
