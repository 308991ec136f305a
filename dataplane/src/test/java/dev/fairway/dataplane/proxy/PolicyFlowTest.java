package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.message.FixedHeader;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.policy.Decision;
import dev.fairway.dataplane.policy.Dispatch;
import dev.fairway.dataplane.policy.Transport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The order in which an exchange asks its plan, and what it does with the answers. */
class PolicyFlowTest {
    private static final String HOST = "Host: a.test\r\n";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    private static RawBackend ok() throws Exception {
        return RawBackend.answering(RawBackend.ok("backend"));
    }

    @Test
    void no_snapshot_is_503_and_no_route_404() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(ok())) {
            proxy.snapshot = false;
            assertEquals(503, proxy.get("/").status());
            assertEquals("no-snapshot", proxy.lastFinished(1).reason());
            proxy.snapshot = true;
            assertEquals(404, proxy.ask("GET / HTTP/1.1\r\nHost: none.test\r\n\r\n").status());
            assertEquals("no-route", proxy.lastFinished(2).reason());
            assertEquals(200, proxy.get("/").status());
        }
    }

    @Test
    void an_answer_of_ours_has_the_form_the_client_accepts_and_the_request_id() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(ok());
                RawClient client = proxy.client()) {
            String start = "GET / HTTP/1.1\r\nHost: none.test\r\nX-Request-ID: abc-1\r\n";
            RawClient.Response text = client.send(start + "\r\n").response();
            assertEquals("text/plain; charset=utf-8", text.field("Content-Type"));
            assertEquals("abc-1", text.field("X-Request-Id"));
            assertTrue(text.body().contains("abc-1"), text.body());
            RawClient.Response json =
                    client.send(start + "Accept: application/json\r\n\r\n").response();
            assertEquals("application/json", json.field("Content-Type"));
            assertEquals(
                    "{\"status\":404,\"message\":\"Nothing is served here.\",\"requestId\":\"abc-1\"}\n",
                    json.body());
            RawClient.Response html =
                    client.send(start + "Accept: text/html,*/*;q=0.8\r\n\r\n").response();
            assertEquals("text/html; charset=utf-8", html.field("Content-Type"));
            client.send("HEAD / HTTP/1.1\r\nHost: none.test\r\n\r\n");
            assertEquals(404, client.response(true).status());
            RawClient.Response odd =
                    client.send(
                                    "GET / HTTP/1.1\r\nHost: none.test\r\nX-Request-ID: <script>\r\n\r\n")
                            .response();
            assertTrue(odd.field("X-Request-Id").matches("[0-9a-f]{32}"), odd.head());
        }
    }

    @Test
    void a_gate_that_answers_keeps_the_backend_out() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(ok());
                RawClient client = proxy.client()) {
            proxy.admit =
                    context ->
                            new Decision.Respond(
                                    new Answer(
                                            308,
                                            List.of(new Header("Location", "https://a.test/")),
                                            "",
                                            "https-redirect"));
            RawClient.Response response =
                    client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 4\r\n\r\nbody")
                            .response();
            assertEquals(308, response.status());
            assertEquals("https://a.test/", response.field("Location"));
            assertEquals("one", response.field("X-Route"));
            assertEquals(0, proxy.backends.getFirst().connections.get());
            proxy.admit = context -> Decision.PROCEED;
            assertEquals(200, client.get("/").response().status());
        }
    }

    @Test
    void a_gate_may_wait_while_the_body_is_held() throws Exception {
        RawBackend backend =
                new RawBackend(c -> {
                    for (String head; (head = c.readHead()) != null; ) {
                        c.send(RawBackend.ok(Wire.body(head, c.in, false)));
                    }
                });
        try (ProxyFixture proxy = new ProxyFixture(backend);
                RawClient client = proxy.client()) {
            CompletableFuture<Decision> verdict = new CompletableFuture<>();
            proxy.admit = context -> new Decision.Await(verdict);
            String body = "x".repeat(300_000);
            client.send(
                    "POST / HTTP/1.1\r\n"
                            + HOST
                            + "Content-Length: 300000\r\n\r\n"
                            + body.substring(0, 100_000));
            Thread.sleep(100);
            assertEquals(0, backend.connections.get());
            verdict.complete(Decision.PROCEED);
            client.send(body.substring(100_000));
            assertEquals(body, client.response().body());
        }
    }

    @Test
    void a_gate_that_waits_in_vain_fails_closed() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(ok())) {
            proxy.admit =
                    context ->
                            new Decision.Await(
                                    CompletableFuture.failedFuture(
                                            new IllegalStateException("no")));
            assertEquals(500, proxy.get("/").status());
            proxy.admit =
                    context -> {
                        throw new IllegalStateException("broken policy");
                    };
            RawClient.Response response = proxy.get("/");
            assertEquals(500, response.status());
            assertFalse(response.body().contains("broken policy"));
            assertEquals(0, proxy.backends.getFirst().connections.get());
            assertEquals(2, proxy.released.get());
        }
    }

    @Test
    void a_client_that_leaves_a_waiting_gate_is_499() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(ok())) {
            CompletableFuture<Decision> verdict = new CompletableFuture<>();
            proxy.admit = context -> new Decision.Await(verdict);
            try (RawClient client = proxy.client()) {
                client.get("/");
                proxy.eventually("it waits", () -> proxy.server.exchangesInFlight() == 1);
            }
            assertEquals(499, proxy.lastFinished(1).status());
            verdict.complete(Decision.PROCEED);
            assertEquals(1, proxy.released.get());
            assertEquals(0, proxy.server.exchangesInFlight());
        }
    }

    @Test
    void policies_edit_heads_but_never_their_framing() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(ok())) {
            proxy.admit =
                    context -> {
                        context.setUpstreamHeader("x-auth-user", "me");
                        context.setUpstreamHeader("host", "vhost.test");
                        context.setUpstreamHeader("x-real-ip", "9.9.9.9");
                        context.dropUpstreamHeader("authorization");
                        context.setResponseHeader("content-type", "text/ours");
                        context.addResponseHeader("Set-Cookie", "a=b");
                        return Decision.PROCEED;
                    };
            RawClient.Response response =
                    proxy.ask(
                            "GET / HTTP/1.1\r\n"
                                    + HOST
                                    + "X-Auth-User: admin\r\nAuthorization: x\r\n\r\n");
            String head = proxy.backends.getFirst().heads.getLast();
            assertEquals("me", Wire.field(head, "X-Auth-User"));
            assertFalse(head.contains("admin"), head);
            assertEquals("vhost.test", Wire.field(head, "Host"));
            assertEquals("9.9.9.9", Wire.field(head, "X-Real-IP"));
            assertNull(Wire.field(head, "Authorization"));
            assertEquals("text/ours", response.field("Content-Type"));
            assertEquals("a=b", response.field("Set-Cookie"));
            for (String value : List.of("a\r\nX-Evil: 1", "a\nb", "a\u0000", "\u0100")) {
                proxy.admit =
                        context -> {
                            context.setResponseHeader("Location", value);
                            return Decision.PROCEED;
                        };
                RawClient.Response refused = proxy.get("/");
                assertEquals(500, refused.status());
                assertNull(refused.field("X-Evil"));
            }
            FixedHeader fixed = new FixedHeader("X-Fixed", "first");
            FixedHeader evil = new FixedHeader("X-Fixed", "a\r\nX-Evil: 1");
            for (int i = 0; i < 2; i++) {
                proxy.admit =
                        context -> {
                            context.setResponseHeader("x-fixed", "before");
                            context.setResponseHeader(fixed);
                            return Decision.PROCEED;
                        };
                RawClient.Response each = proxy.get("/");
                assertEquals("first", each.field("X-Fixed"));
                proxy.admit =
                        context -> {
                            context.setResponseHeader(evil);
                            return Decision.PROCEED;
                        };
                assertEquals(500, proxy.get("/").status());
            }
            proxy.admit =
                    context -> {
                        context.setUpstreamHeader("transfer-encoding", "chunked");
                        return Decision.PROCEED;
                    };
            assertEquals(500, proxy.get("/").status());
        }
    }

    @Test
    void a_rewrite_that_can_not_stand_in_a_request_line_is_500() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(ok())) {
            proxy.rewrittenPath = "/new";
            assertEquals(200, proxy.get("/old?q").status());
            assertTrue(
                    proxy.backends
                            .getFirst()
                            .heads
                            .getLast()
                            .startsWith("GET /new?q HTTP/1.1\r\n"));
            for (String path : List.of("/a b", "/a\r\nX: 1", "/a#b", "/\u00e4")) {
                proxy.rewrittenPath = path;
                assertEquals(500, proxy.get("/old").status());
            }
        }
    }

    @Test
    void repeated_slashes_are_kept_where_the_route_says_so() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(ok())) {
            proxy.keepSlashes = true;
            proxy.get("/a//b///c?x=//y");
            assertTrue(
                    proxy.backends
                            .getFirst()
                            .heads
                            .getLast()
                            .startsWith("GET /a//b///c?x=//y HTTP/1.1"));
            assertEquals("a.test/a/b/c", proxy.paths.getLast());
            // where keeping them would forward another path than was matched, the matched one goes
            proxy.get("/a//../b");
            assertTrue(proxy.backends.getFirst().heads.getLast().startsWith("GET /b HTTP/1.1"));
            assertEquals("a.test/b", proxy.paths.getLast());
        }
    }

    @Test
    void an_error_status_may_be_replaced_by_a_page_from_elsewhere() throws Exception {
        RawBackend failing =
                RawBackend.answering(
                        "HTTP/1.1 503 No\r\nContent-Length: 6\r\nX-Inner: 1\r\n\r\nsecret");
        RawBackend pages =
                RawBackend.answering("HTTP/1.1 418 Page\r\nContent-Length: 4\r\n\r\npage");
        try (pages;
                ProxyFixture proxy = new ProxyFixture(failing);
                RawClient client = proxy.client()) {
            proxy.intercept =
                    status ->
                            status == 503
                                    ? new Dispatch.Forward(
                                            "/",
                                            "",
                                            ProxyFixture.selection(List.of(pages)),
                                            Transport.PLAIN)
                                    : null;
            for (int i = 0; i < 3; i++) {
                client.send("POST /x?y HTTP/1.1\r\n" + HOST + "Content-Length: 4\r\n\r\nbody");
                RawClient.Response response = client.response();
                assertEquals(418, response.status());
                assertEquals("page", response.body());
                assertNull(response.field("X-Inner"));
            }
            String asked = pages.heads.getFirst();
            assertTrue(asked.startsWith("GET / HTTP/1.1\r\n"), asked);
            assertNull(Wire.field(asked, "Content-Length"));
            assertEquals(2, proxy.lastFinished(1).attempts());
            // what was thrown away was short: both connections went back to the pool
            assertEquals(1, failing.connections.get());
            assertEquals(1, pages.connections.get());
            pages.close();
            client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
            assertEquals(503, client.response().status());
        }
    }

    /** As ingress-nginx, whose error pages stand for what it answers itself as well. */
    @Test
    void a_backend_that_is_not_there_or_breaks_off_has_an_error_page_too() throws Exception {
        RawBackend pages =
                new RawBackend(c -> {
                    while (c.readHead() != null) {
                        c.send("HTTP/1.1 418 Page\r\nContent-Length: 4\r\n\r\npage");
                    }
                });
        RawBackend silent = new RawBackend(RawBackend.Conversation::readHead);
        try (pages;
                ProxyFixture broken = new ProxyFixture(silent);
                ProxyFixture empty = new ProxyFixture()) {
            for (ProxyFixture proxy : List.of(broken, empty)) {
                int status = proxy == broken ? 502 : 503;
                assertEquals(status, proxy.get("/").status());
                proxy.intercept =
                        of ->
                                of == status
                                        ? new Dispatch.Forward(
                                                "/",
                                                "",
                                                ProxyFixture.selection(List.of(pages)),
                                                Transport.PLAIN)
                                        : null;
                RawClient.Response response = proxy.get("/x");
                assertEquals(418, response.status());
                assertEquals("page", response.body());
            }
            assertTrue(pages.heads.getFirst().startsWith("GET / HTTP/1.1\r\n"));
        }
    }

    @Test
    void a_backend_without_endpoints_is_503_or_somewhere_else() throws Exception {
        RawBackend fallback = RawBackend.answering(RawBackend.ok("fallback"));
        try (fallback;
                ProxyFixture proxy = new ProxyFixture()) {
            RawClient.Response none = proxy.get("/");
            assertEquals(503, none.status());
            assertEquals("1", none.field("Retry-After"));
            assertEquals("no-endpoint", proxy.lastFinished(1).reason());
            proxy.withoutEndpoint =
                    new Dispatch.Forward(
                            null, null, ProxyFixture.selection(List.of(fallback)), Transport.PLAIN);
            RawClient.Response other = proxy.get("/");
            assertEquals("fallback", other.body());
            assertNotNull(other.field("X-Answered"));
        }
    }
}
