package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Cidr;
import dev.fairway.contract.KeyId;
import dev.fairway.contract.Keys;
import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Policy;
import dev.fairway.dataplane.balance.Endpoint;
import dev.fairway.dataplane.balance.Tried;
import dev.fairway.dataplane.message.Answer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DispatchTest {
    private final Plans plans = new Plans();

    private static Dispatch.Forward forward(RoutePlan plan, FakeRequest request) {
        return (Dispatch.Forward) plan.dispatch(new FakeContext(request));
    }

    private static String subnet(Dispatch.Forward forward) {
        String address = forward.selection().pick(new Tried()).toString();
        return address.startsWith("10.0.1.")
                ? "primary"
                : address.startsWith("10.0.2.") ? "canary" : "errors";
    }

    @Test
    void a_route_without_policies_answers_with_constants() {
        RoutePlan plan = plans.plan();
        FakeContext context = new FakeContext(FakeRequest.get("/"));
        assertSame(Decision.PROCEED, plan.admit(context));
        assertSame(plan.dispatch(context), plan.dispatch(context));
        assertEquals(Long.MAX_VALUE, plan.bodyLimit());
        assertEquals(CompiledRoute.DEFAULT_TIMEOUTS, plan.timeouts());
        assertNull(plan.withoutEndpoint(context));
        assertNull(plan.interceptStatus(500, context));
        plan.respond(200, context);
        assertEquals(Map.of(), context.response);
        assertEquals(false, plan.keepRepeatedSlashes());
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "/app(/|$)(.*), /app/x/y?q=1, /$2, /x/y, -",
                "/app(/|$)(.*), /app, /$2, /, -",
                "/app(.*), /app/x, /new/$1, /new/x, -",
                "/app(.*), /app/x?q=1, /new$1?own=2, /new/x, own=2&q=1",
                "/app(.*), /app/x, /new$1?own=2, /new/x, own=2",
                "/app(.*), /app/x?q=1, /new$1?, /new/x, ''",
                "/app/(.*), /app/x, $1, /x, -",
                "/(a)?(b), /b, /x$1y$2$3, /xyb, -",
                "/app/(.*), /app/a%2Fb, /$1, /a%2Fb, -",
            })
    void a_rewrite_replaces_the_path_and_keeps_the_query(
            String pattern, String target, String template, String path, String query) {
        plans.path = new PathMatch.Regex(pattern, true);
        RoutePlan plan = plans.plan(new Policy.Rewrite(parse(template)));
        Dispatch.Forward forward = forward(plan, FakeRequest.get(target));
        assertEquals(path, forward.path());
        assertEquals(query, forward.query());
    }

    @Test
    void what_a_variable_brings_into_the_query_is_escaped_there() {
        RoutePlan plan =
                plans.plan(
                        new Policy.Rewrite(
                                Plans.template(
                                        "/new?by=",
                                        new dev.fairway.contract.TemplatePart.Header("x-by"))));
        FakeRequest request = FakeRequest.get("/old?q=1").with("x-by", "a b#\u00e9%20");
        assertEquals("by=a%20b%23%C3%A9%20&q=1", forward(plan, request).query());
    }

    @Test
    void a_rewrite_says_what_it_took_away() {
        plans.path = new PathMatch.Regex("/(app)(.*)", true);
        RoutePlan plan = plans.plan(new Policy.Rewrite(parse("/$2"), Optional.of(parse("/of/$1"))));
        FakeContext context =
                new FakeContext(FakeRequest.get("/app/x").with("x-forwarded-prefix", "/mine"));
        plan.dispatch(context);
        assertEquals(Map.of("x-forwarded-prefix", "/of/app"), context.upstream);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "in.example:8080, 200",
                "[fd00::1]:80, 200",
                "a b, 400",
                "a/b, 400",
                "a@b, 400",
                "-, 400",
            })
    void a_backend_is_told_the_host_of_the_route_if_it_is_one(String said, int status) {
        RoutePlan plan =
                plans.plan(
                        new Policy.UpstreamHost(
                                Plans.template(
                                        new dev.fairway.contract.TemplatePart.Header("x-to"))));
        FakeRequest request = FakeRequest.get("/");
        FakeContext context = new FakeContext(said == null ? request : request.with("x-to", said));
        Dispatch dispatch = plan.dispatch(context);
        assertEquals(
                status,
                dispatch instanceof Dispatch.Respond(Answer answer) ? answer.status() : 200);
        assertEquals(status == 200 ? said : null, context.upstream.get("host"));
    }

    @ParameterizedTest
    @CsvSource({"/app(.*), /app../admin", "/app(.*), /app..", "/app(.*), /app.;/x"})
    void a_capture_that_makes_a_dot_segment_is_refused(String pattern, String target) {
        plans.path = new PathMatch.Regex(pattern, false);
        RoutePlan plan = plans.plan(new Policy.Rewrite(parse("/$1")));
        Dispatch dispatch = plan.dispatch(new FakeContext(FakeRequest.get(target)));
        assertEquals(400, ((Dispatch.Respond) dispatch).answer().status());
    }

    private static dev.fairway.contract.Template parse(String text) {
        java.util.List<Object> parts = new java.util.ArrayList<>();
        for (String piece : text.split("(?=\\$)")) {
            if (piece.startsWith("$")) {
                parts.add(piece.charAt(1) - '0');
                piece = piece.substring(2);
            }
            if (!piece.isEmpty()) {
                parts.add(piece);
            }
        }
        return Plans.template(parts.toArray());
    }

    private static Policy.Canary canary(
            String header, String value, String pattern, String cookie, int weight) {
        return new Policy.Canary(
                Plans.CANARY,
                Optional.ofNullable(header),
                Optional.ofNullable(value),
                Optional.ofNullable(pattern),
                Optional.ofNullable(cookie),
                weight,
                100);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // header, value, pattern, cookie, weight; sent header, sent cookie; who gets it
                "X-C, -, -, -, 0, always, -, canary",
                "X-C, -, -, -, 100, never, -, primary",
                "X-C, -, -, -, 0, other, -, primary",
                "X-C, -, -, -, 100, other, -, canary",
                "X-C, v, -, -, 0, v, -, canary",
                "X-C, v, -, -, 0, always, -, primary",
                "X-C, v, -, -, 100, never, -, canary",
                "X-C, v, a+, -, 0, aaa, -, primary",
                "X-C, -, a+, -, 0, xaay, -, canary",
                "X-C, -, ^a+$, -, 0, xaay, -, primary",
                "X-C, -, (, -, 0, (, -, primary",
                "X-C, v, -, c, 0, w, always, canary",
                "X-C, -, -, c, 0, never, always, primary",
                "-, -, -, c, 0, -, always, canary",
                "-, -, -, c, 100, -, never, primary",
                "-, -, -, c, 100, -, x, canary",
                "-, -, -, -, 0, -, -, primary",
            })
    void header_then_cookie_then_weight_decide(
            String header,
            String value,
            String pattern,
            String cookie,
            int weight,
            String sent,
            String sentCookie,
            String expected) {
        plans.endpoints(Plans.CANARY, 2);
        RoutePlan plan = plans.plan(canary(header, value, pattern, cookie, weight));
        FakeRequest request = FakeRequest.get("/");
        if (sent != null) {
            request.with("x-c", sent);
        }
        if (sentCookie != null) {
            request.with("cookie", "c=" + sentCookie);
        }
        assertEquals(expected, subnet(forward(plan, request)));
    }

    @Test
    void the_weight_is_of_its_total() {
        plans.endpoints(Plans.CANARY, 2);
        RoutePlan plan = plans.plan(canary(null, null, null, null, 30));
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            plans.nextChance = i;
            counts.merge(subnet(forward(plan, FakeRequest.get("/"))), 1, Integer::sum);
        }
        assertEquals(Map.of("canary", 30, "primary", 70), counts);
    }

    @Test
    void a_canary_without_endpoints_gets_nothing() {
        RoutePlan plan = plans.plan(canary(null, null, null, null, 100));
        assertEquals("primary", subnet(forward(plan, FakeRequest.get("/"))));
        plans.endpoints(Plans.CANARY, 1);
        assertEquals("canary", subnet(forward(plan, FakeRequest.get("/"))));
    }

    @Test
    void a_hash_sends_equal_keys_to_one_endpoint() {
        RoutePlan plan =
                plans.plan(
                        new Policy.HashBy(
                                Plans.template(dev.fairway.contract.TemplatePart.Name.REMOTE_ADDR),
                                0));
        Set<Endpoint> one = new HashSet<>();
        Set<Endpoint> many = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            one.add(pick(forward(plan, FakeRequest.get("/"))));
            many.add(pick(forward(plan, FakeRequest.get("/").from("198.51.100." + i))));
        }
        assertEquals(1, one.size());
        assertEquals(3, many.size());
    }

    private static Endpoint pick(Dispatch.Forward forward) {
        return forward.selection().pick(new Tried());
    }

    @Test
    void a_missing_seed_costs_the_session_and_not_the_traffic() {
        Policy.Affinity affinity =
                new Policy.Affinity(
                        "a",
                        Policy.Affinity.Mode.PERSISTENT,
                        new Policy.Affinity.Cookie(
                                "R",
                                "/",
                                Optional.empty(),
                                Optional.empty(),
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        new KeyId("seed/x"),
                        false,
                        true,
                        false);
        assertEquals("primary", subnet(forward(plans.plan(affinity), FakeRequest.get("/"))));
    }

    @Test
    void a_sticky_cookie_decides_between_canary_and_primary_before_any_rule() {
        plans.endpoints(Plans.CANARY, 2);
        plans.key("seed/x", new Keys.Key.Seed("c2VlZHNlZWRzZWVkc2VlZA=="));
        for (boolean sticky : new boolean[] {true, false}) {
            Policy.Affinity affinity =
                    new Policy.Affinity(
                            "a",
                            Policy.Affinity.Mode.BALANCED,
                            new Policy.Affinity.Cookie(
                                    "R",
                                    "/",
                                    Optional.empty(),
                                    Optional.empty(),
                                    false,
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty()),
                            new KeyId("seed/x"),
                            false,
                            sticky,
                            false);
            String fromPrimary = cookie(plans.plan(affinity, canary("x-c", null, null, null, 0)));
            RoutePlan all = plans.plan(affinity, canary("x-c", null, null, null, 100));
            FakeRequest again =
                    FakeRequest.get("/").with("cookie", fromPrimary).with("x-c", "always");
            assertEquals(sticky ? "primary" : "canary", subnet(forward(all, again)));
            if (sticky) {
                String fromCanary = cookie(all);
                FakeRequest back =
                        FakeRequest.get("/").with("cookie", fromCanary).with("x-c", "never");
                assertEquals("canary", subnet(forward(all, back)));
            }
        }
    }

    private static String cookie(RoutePlan plan) {
        FakeContext context = new FakeContext(FakeRequest.get("/"));
        Dispatch.Forward forward = (Dispatch.Forward) plan.dispatch(context);
        forward.selection().answered(pick(forward), context);
        String line = context.added.getFirst();
        return line.substring("Set-Cookie: ".length(), line.indexOf(';'));
    }

    @Test
    void upstream_tls_names_the_service_unless_told_and_changes_when_rotated() {
        plans.key("upstream/ns/x", identity("ca-1"));
        Policy.UpstreamTls tls = tls(null);
        Transport.Tls first =
                (Transport.Tls) forward(plans.plan(tls), FakeRequest.get("/")).transport();
        assertEquals("primary.ns.svc", first.serverName());
        assertEquals(first, forward(plans.plan(tls), FakeRequest.get("/")).transport());
        plans.keys.clear();
        plans.key("upstream/ns/x", identity("ca-2"));
        assertNotEquals(first, forward(plans.plan(tls), FakeRequest.get("/")).transport());
        Transport.Tls named =
                (Transport.Tls) forward(plans.plan(tls("n.org")), FakeRequest.get("/")).transport();
        assertEquals("n.org", named.serverName());
    }

    private static FakeRequest call() {
        return FakeRequest.get("/")
                .method("POST")
                .http2()
                .with("content-type", "application/grpc+proto");
    }

    private Transport.Protocol spoken(FakeRequest request, Policy... policies) {
        return forward(plans.plan(policies), request).transport().protocol();
    }

    @Test
    void
            a_grpc_call_goes_by_http2_whatever_its_backend_is_declared_to_speak_and_nothing_else_does() {
        FakeRequest page = FakeRequest.get("/").http2().with("content-type", "text/html");
        FakeRequest web = FakeRequest.get("/").http2().with("content-type", "application/grpc-web");
        FakeRequest oldCall = FakeRequest.get("/").with("content-type", "application/grpc");
        assertEquals(Transport.Protocol.HTTP2, spoken(call()));
        assertEquals(Transport.Protocol.HTTP1, spoken(page));
        assertEquals(Transport.Protocol.HTTP1, spoken(web));
        assertEquals(Transport.Protocol.HTTP1, spoken(oldCall));
        Policy http2 = new Policy.UpstreamHttp2();
        assertEquals(Transport.Protocol.HTTP2, spoken(call(), http2));
        assertEquals(Transport.Protocol.HTTP2, spoken(page, http2));
        plans.key("upstream/ns/x", identity("ca-1"));
        assertEquals(Transport.Protocol.HTTP2_PREFERRED, spoken(call(), tls(null)));
        assertEquals(Transport.Protocol.HTTP1, spoken(page, tls(null)));
        assertEquals(Transport.Protocol.HTTP2, spoken(call(), tls(null), http2));
        assertEquals(Transport.Protocol.HTTP2, spoken(oldCall, tls(null), http2));
    }

    @Test
    void the_scheme_may_follow_the_client_s_own_connection() {
        plans.key("upstream/ns/x", identity("ca-1"));
        Policy[] auto = {new Policy.UpstreamSchemeAsRequested(), tls(null)};
        assertInstanceOf(
                Transport.Plain.class, forward(plans.plan(auto), FakeRequest.get("/")).transport());
        assertInstanceOf(
                Transport.Tls.class,
                forward(plans.plan(auto), FakeRequest.get("/").overTls()).transport());
        assertEquals(Transport.Protocol.HTTP2, spoken(call(), auto));
        assertEquals(Transport.Protocol.HTTP2_PREFERRED, spoken(call().overTls(), auto));
    }

    private static Keys.Key identity(String ca) {
        return new Keys.Key.UpstreamIdentity(Optional.empty(), Optional.of(ca));
    }

    private static Policy.UpstreamTls tls(String name) {
        return new Policy.UpstreamTls(
                Optional.of(new KeyId("upstream/ns/x")),
                true,
                Optional.ofNullable(name),
                true,
                List.of());
    }

    @Test
    void an_error_page_is_asked_for_at_the_root_with_what_went_wrong() {
        RoutePlan plan = plans.plan(new Policy.ErrorPages(List.of(404, 503), Plans.ERRORS));
        FakeContext context =
                new FakeContext(FakeRequest.get("/a?b=1").with("accept", "text/html"));
        assertNull(plan.interceptStatus(404, context), "nobody to ask");
        assertEquals(Map.of(), context.upstream);
        plans.endpoints(Plans.ERRORS, 1);
        assertNull(plan.interceptStatus(500, context));
        Dispatch.Forward forward = (Dispatch.Forward) plan.interceptStatus(404, context);
        assertEquals("errors", subnet(forward));
        assertEquals("/", forward.path());
        assertEquals(
                Map.of(
                        "x-code", "404",
                        "x-format", "text/html",
                        "x-original-uri", "/a?b=1",
                        "x-namespace", "ns",
                        "x-ingress-name", "ingress",
                        "x-service-name", "primary",
                        "x-service-port", "http",
                        "x-request-id", "0123456789abcdef0123456789abcdef"),
                context.upstream);
    }

    @Test
    void a_fallback_takes_over_while_the_backend_has_no_endpoint() {
        plans.endpoints(Plans.PRIMARY, 0).endpoints(Plans.ERRORS, 1);
        RoutePlan plan = plans.plan(new Policy.FallbackBackend(Plans.ERRORS));
        FakeContext context = new FakeContext(FakeRequest.get("/a"));
        assertNull(forward(plan, FakeRequest.get("/a")).selection().pick(new Tried()));
        Dispatch.Forward forward = (Dispatch.Forward) plan.withoutEndpoint(context);
        assertEquals("errors", subnet(forward));
        assertNull(forward.path());
        assertEquals("503", context.upstream.get("x-code"));
        assertTrue(context.dropped.contains("x-format"));
    }

    @Test
    void a_body_limit_of_zero_is_none() {
        assertEquals(Long.MAX_VALUE, plans.plan(new Policy.BodyLimit(0)).bodyLimit());
        assertEquals(5, plans.plan(new Policy.BodyLimit(5)).bodyLimit());
        assertEquals(true, plans.plan(new Policy.KeepRepeatedSlashes()).keepRepeatedSlashes());
    }

    @Test
    void a_redirect_answers_what_the_gates_let_pass_and_nothing_is_forwarded() {
        RoutePlan plan =
                plans.plan(
                        new Policy.AddressRules(List.of(Cidr.parse("10.0.0.0/8")), List.of()),
                        new Policy.Redirect(301, "https://elsewhere.example/x?y=z"));
        FakeContext inside = new FakeContext(FakeRequest.get("/a?b").from("10.1.2.3"));
        assertEquals(Decision.PROCEED, plan.admit(inside));
        Answer answer = ((Dispatch.Respond) plan.dispatch(inside)).answer();
        assertEquals(301, answer.status());
        assertEquals("https://elsewhere.example/x?y=z", Plans.header(answer, "Location"));
        FakeContext outside = new FakeContext(FakeRequest.get("/a?b").from("192.0.2.1"));
        assertEquals(403, Plans.status(plan.admit(outside)));
    }
}
