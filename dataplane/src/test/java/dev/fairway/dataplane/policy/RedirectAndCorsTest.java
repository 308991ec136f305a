package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.fairway.contract.Policy;
import dev.fairway.contract.Policy.Cors.Origin;
import dev.fairway.contract.Route;
import dev.fairway.dataplane.message.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectAndCorsTest {
    private final Plans plans = new Plans();

    private static Policy redirect(boolean dropSlash) {
        return new Policy.HttpsRedirect(308, List.of("/.well-known/acme-challenge"), dropSlash);
    }

    private String location(Policy redirect, FakeRequest request) {
        Answer answer = Plans.answer(plans.plan(redirect).admit(new FakeContext(request)));
        assertEquals(308, answer.status());
        return Plans.header(answer, "Location");
    }

    @Test
    void a_plain_request_is_sent_to_https_on_the_canonical_host_with_its_own_target() {
        FakeRequest request =
                FakeRequest.get("/a//b/?x=1").host("example.com", "EXAMPLE.com.:8080@evil");
        assertEquals("https://example.com/a//b/?x=1", location(redirect(false), request));
    }

    @Test
    void the_port_is_said_unless_it_is_443() {
        plans.httpsPort = 8443;
        assertEquals("https://example.com:8443/", location(redirect(false), FakeRequest.get("/")));
    }

    @ParameterizedTest
    @CsvSource({"/a/, /a", "/, ''", "/a?b=/, /a?b=", "/a, /a", "/a//, /a/"})
    void one_trailing_slash_is_dropped_where_ingress_nginx_does(String target, String sent) {
        assertEquals(
                "https://example.com" + sent, location(redirect(true), FakeRequest.get(target)));
    }

    @Test
    void a_request_by_tls_is_not_redirected() {
        FakeContext context = new FakeContext(FakeRequest.get("/").overTls());
        assertEquals(200, Plans.status(plans.plan(redirect(false)).admit(context)));
    }

    @ParameterizedTest
    @CsvSource({
        "/.well-known/acme-challenge/token, 200",
        "/.well-known/acme-challenge, 200",
        "/.well-known/acme-challengex, 308",
        "/x/.well-known/acme-challenge/token, 308"
    })
    void exemption_is_by_whole_segments(String path, int status) {
        FakeContext context = new FakeContext(FakeRequest.get(path));
        assertEquals(status, Plans.status(plans.plan(redirect(false)).admit(context)));
    }

    @Test
    void without_a_host_there_is_nowhere_to_redirect() {
        FakeContext context = new FakeContext(FakeRequest.get("/").host("", ""));
        assertEquals(400, Plans.status(plans.plan(redirect(false)).admit(context)));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, /app, http://example.com/app",
                "www.example.com, -, http://www.example.com/a?b=c",
                "www.example.com, /app, http://www.example.com/app",
            })
    void what_is_absent_of_a_local_redirect_is_the_requests_own(
            String host, String path, String location) {
        Route.Action to =
                new Route.Action.Redirect(
                        302, Optional.ofNullable(host), Optional.ofNullable(path));
        FakeContext context = new FakeContext(FakeRequest.get("/a?b=c"));
        Answer answer = Plans.answer(plans.plan(to).admit(context));
        assertEquals(302, answer.status());
        assertEquals(location, Plans.header(answer, "Location"));
    }

    @Test
    void a_local_redirect_takes_nothing_of_what_a_client_wrote_but_a_port() {
        Route.Action to = new Route.Action.Redirect(302, Optional.empty(), Optional.of("/x"));
        FakeRequest request =
                FakeRequest.get("/").overTls().host("example.com", "EXAMPLE.com.:8443");
        Answer answer = Plans.answer(plans.plan(to).admit(new FakeContext(request)));
        assertEquals("https://example.com:8443/x", Plans.header(answer, "Location"));
        FakeContext nameless = new FakeContext(FakeRequest.get("/").host("", ""));
        assertEquals(400, Plans.status(plans.plan(to).admit(nameless)));
    }

    private static Policy.Cors cors(boolean everywhere, Origin... origins) {
        return new Policy.Cors(
                List.of(origins),
                List.of("GET", "PUT"),
                List.of("DNT", "Range"),
                List.of("X-Total"),
                true,
                Duration.ofSeconds(1728000),
                everywhere);
    }

    private static FakeRequest options(String origin) {
        return FakeRequest.get("/").method("OPTIONS").with("origin", origin);
    }

    @Test
    void a_preflight_is_answered_before_any_gate() {
        RoutePlan plan =
                plans.plan(
                        cors(true, new Origin.Exact("https://a.com")),
                        new Policy.AddressRules(
                                List.of(), List.of(dev.fairway.contract.Cidr.parse("0.0.0.0/0"))));
        Answer answer = Plans.answer(plan.admit(new FakeContext(options("https://a.com"))));
        assertEquals(204, answer.status());
        assertEquals("https://a.com", Plans.header(answer, "Access-Control-Allow-Origin"));
        assertEquals("true", Plans.header(answer, "Access-Control-Allow-Credentials"));
        assertEquals("GET, PUT", Plans.header(answer, "Access-Control-Allow-Methods"));
        assertEquals("DNT, Range", Plans.header(answer, "Access-Control-Allow-Headers"));
        assertEquals("X-Total", Plans.header(answer, "Access-Control-Expose-Headers"));
        assertEquals("1728000", Plans.header(answer, "Access-Control-Max-Age"));
        assertEquals("text/plain charset=UTF-8", Plans.header(answer, "Content-Type"));
        assertEquals(403, Plans.status(plan.admit(new FakeContext(options("https://b.com")))));
    }

    @ParameterizedTest
    @CsvSource({
        "https://x.foo.com, true",
        "https://X.foo.com, true",
        "https://x.y.foo.com, false",
        "https://foo.com, false",
        "https://.foo.com, false",
        "http://x.foo.com, false",
        "https://x.foo.com.evil.org, false",
        "https://evil.org/x.foo.com, false",
        "https://x.foo.com:8080, false",
        "null, true",
    })
    void an_origin_is_matched_whole(String origin, boolean allowed) {
        RoutePlan plan =
                plans.plan(
                        cors(
                                true,
                                new Origin.Wildcard("https", "foo.com"),
                                new Origin.Exact("null")));
        FakeContext context = new FakeContext(FakeRequest.get("/").with("origin", origin));
        plan.respond(200, context);
        assertEquals(allowed ? origin : null, context.response.get("Access-Control-Allow-Origin"));
        assertEquals(List.of("Vary: Origin"), context.added);
    }

    @Test
    void any_origin_is_a_star_and_never_an_echo() {
        RoutePlan plan = plans.plan(cors(true, new Origin.Any()));
        FakeContext context = new FakeContext(FakeRequest.get("/").with("origin", "https://e"));
        plan.respond(200, context);
        assertEquals("*", context.response.get("Access-Control-Allow-Origin"));
        assertEquals(List.of(), context.added);
        assertEquals(204, Plans.status(plan.admit(new FakeContext(options("https://e")))));
    }

    @Test
    void method_lists_are_for_preflights_unless_asked_on_every_response() {
        FakeContext some = new FakeContext(FakeRequest.get("/").with("origin", "https://a"));
        plans.plan(cors(false, new Origin.Exact("https://a"))).respond(200, some);
        assertEquals(
                Map.of(
                        "Access-Control-Allow-Origin", "https://a",
                        "Access-Control-Allow-Credentials", "true",
                        "Access-Control-Expose-Headers", "X-Total"),
                some.response);
        FakeContext all = new FakeContext(FakeRequest.get("/").with("origin", "https://a"));
        plans.plan(cors(true, new Origin.Exact("https://a"))).respond(200, all);
        assertEquals("GET, PUT", all.response.get("Access-Control-Allow-Methods"));
    }

    @Test
    void hsts_is_said_over_tls_only() {
        RoutePlan plan = plans.plan(new Policy.Hsts(Duration.ofDays(365), true, true));
        FakeContext tls = new FakeContext(FakeRequest.get("/").overTls());
        plan.respond(200, tls);
        assertEquals(
                "max-age=31536000; includeSubDomains; preload",
                tls.response.get("Strict-Transport-Security"));
        FakeContext plain = new FakeContext(FakeRequest.get("/"));
        plan.respond(200, plain);
        assertNull(plain.response.get("Strict-Transport-Security"));
    }
}
